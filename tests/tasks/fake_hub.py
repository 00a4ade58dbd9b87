"""A hub of data sets on this machine: it answers what `huggingface_hub` and `datasets` ask, from files in memory."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "a" * 40
ANY = r"([^/]+/[^/]+)"

Repositories = Mapping[str, Mapping[str, bytes]]


@contextmanager
def serve(repositories: Repositories) -> Iterator[str]:
    """Serve repositories of {path: content}; of one that is called gated the facts alone."""
    handler = type("Handler", (_Handler,), {"repositories": repositories})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    repositories: Repositories
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        for pattern, answer in (
            (rf"/api/datasets/{ANY}", lambda repository: self._facts(repository, "main")),
            (rf"/api/datasets/{ANY}/auth-check", self._access),
            (rf"/api/datasets/{ANY}/revision/(.+)", self._facts),
            (rf"/api/datasets/{ANY}/tree/([^/]+)/?(.*)", self._tree),
            (rf"/datasets/{ANY}/resolve/([^/]+)/(.+)", self._file),
        ):
            if found := re.fullmatch(pattern, path):
                if found[1] not in self.repositories:
                    return self._refuse("RepoNotFound")
                return answer(*found.groups())
        return self._refuse("")

    def _facts(self, repository: str, revision: str) -> None:
        if revision not in ("main", COMMIT):
            return self._refuse("RevisionNotFound")
        files = [{"rfilename": name} for name in self.repositories[repository]]
        gated = "auto" if repository.endswith("/gated") else False
        return self._say({"id": repository, "sha": COMMIT, "siblings": files, "gated": gated, "tags": []})

    def _access(self, repository: str) -> None:
        self._refuse("GatedRepo", 403)

    def _tree(self, repository: str, revision: str, folder: str) -> None:
        start = f"{folder.rstrip('/')}/" if folder else ""
        rows: dict[str, dict[str, Any]] = {}
        for name, content in self.repositories[repository].items():
            if not name.startswith(start):
                continue
            first, *rest = name.removeprefix(start).split("/")
            kind = "directory" if rest else "file"
            rows[first] = {"type": kind, "path": start + first, "size": len(content), "oid": COMMIT}
        if not rows:
            return self._refuse("EntryNotFound")
        return self._say(list(rows.values()))

    def _file(self, repository: str, revision: str, name: str) -> None:
        content = self.repositories[repository].get(name)
        if content is None:
            return self._refuse("EntryNotFound")
        facts = {"etag": f'"{sha1(content).hexdigest()}"', "x-repo-commit": COMMIT, "accept-ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        if not asked:
            return self._send(200, content, facts)
        first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
        facts["content-range"] = f"bytes {first}-{last}/{len(content)}"
        return self._send(206, content[first : last + 1], facts)

    def _refuse(self, code: str, status: int = 404) -> None:
        self._send(status, b"{}", {"x-error-code": code, "x-repo-commit": COMMIT})

    def _say(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"content-type": "application/json"})

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
