"""The wall: which hosts and pages may speak to the server, how much may be sent, what answers carry."""

import pytest
from fastapi import Request
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from workbench.server.boundary import HEADERS, Wall


@pytest.fixture
def open_client(desk, app_of):
    """A server that others in the room can reach, with a small cap."""
    app = app_of(desk, wall=Wall(is_open=True, names=("Class.Example.org",), most_bytes=1000))

    @app.post("/count")
    async def count(request: Request) -> int:
        return len(await request.body())

    with TestClient(app, "http://192.168.0.5:7860") as client:
        yield client


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:80", "LOCALHOST", "localhost."])
def test_this_machine_is_answered(client, host: str) -> None:
    assert client.get("/api/runs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "192.168.0.5", "", "[", "[::1", "a@localhost", "localhost/x"]
)
def test_another_name_is_refused(client, host: str) -> None:
    answer = client.get("/api/runs", headers={"host": host})
    assert answer.status_code == 421
    assert "does not answer to the name" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["192.168.0.5:7860", "[fe80::1]", "class.example.org", "CLASS.example.org:80"])
def test_an_open_server_answers_to_addresses_and_its_names(open_client, host: str) -> None:
    assert open_client.get("/api/runs", headers={"host": host}).status_code == 200


def test_an_open_server_answers_to_no_other_name(open_client) -> None:
    assert open_client.get("/api/runs", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost", "http://localhost:7861", "http://[bad", "file://"]
)
def test_another_page_may_not_change_anything(client, origin: str) -> None:
    answer = client.post("/api/runs/stop", json=[], headers={"origin": origin})
    assert (answer.status_code, answer.text) == (403, "Another page may not speak to this server.")
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("ws://localhost:7860/live", headers={"origin": origin}),
    ):
        pass
    assert closed.value.code == 4403


def test_the_own_page_may_change_things(client) -> None:
    own = {"origin": "http://localhost:7860"}
    assert client.post("/api/runs/stop", json=[], headers=own).status_code == 200
    with client.websocket_connect("ws://localhost:7860/live", headers={**own, "host": "localhost:7860"}):
        pass


def test_a_socket_under_another_name_is_refused(client) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("ws://localhost:7860/live", headers={"host": "evil.org"}),
    ):
        pass
    assert closed.value.code == 4421


@pytest.mark.parametrize("path", ["/api/runs", "/page/page.js", "/nowhere"])
def test_every_answer_carries_the_headers(client, path: str) -> None:
    answer = client.get(path)
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_pages_load_their_scripts_from_here(client) -> None:
    from workbench.server.app import PLOTLY

    assert client.get("/page/page.js").text == "// a page"
    assert client.get("/page/../conftest.py").status_code == 404
    script = client.get(PLOTLY)
    assert script.headers["content-type"].startswith("text/javascript") and len(script.content) > 1_000_000


def test_an_announced_length_beyond_the_cap_is_refused(open_client) -> None:
    assert open_client.post("/count", content=b"x" * 1000).json() == 1000
    answer = open_client.post("/count", content=b"x" * 1001)
    assert answer.status_code == 413
    assert answer.headers["x-frame-options"] == "DENY"
    for length in ("-1", "many", "\N{SUPERSCRIPT TWO}"):
        headers = {"content-length": length.encode("latin-1")}
        assert open_client.post("/count", content=b"", headers=headers).status_code == 413


@pytest.mark.parametrize("path", ["/count", "/api/races", "/api/files?name=a.csv", "/api/runs/import"])
def test_what_comes_unannounced_is_cut_off_at_the_cap(open_client, path: str) -> None:
    pieces = iter([b"x" * 400] * 3)
    answer = open_client.post(path, content=pieces, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert "can be sent at once" in answer.json()["error"]


def test_a_form_that_never_ends_is_cut_off_at_the_door(desk, app_of) -> None:
    app = app_of(desk, "chalk", Wall(most_bytes=1000))
    with TestClient(app, "http://localhost") as client:
        assert client.post("/login", content=iter([b"x" * 400] * 3)).status_code == 413
