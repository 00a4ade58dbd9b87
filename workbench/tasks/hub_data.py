"""A dataset of the hub as a Parquet file on this machine: its first rows, streamed once, then read as a file is."""

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from workbench.errors import SpecError
from workbench.hub import is_hub_id
from workbench.settings import home
from workbench.tasks.parquet import left_out_note, read_parquet
from workbench.tasks.tables import Table

PREFIX = "hub:"
FACTS = b"workbench"  # the key in the file's own metadata under which stands where it comes from


@dataclass(frozen=True)
class HubData:
    """The first `rows` rows of a split; an empty `config` is the only one, an empty `revision` the newest."""

    hub_id: str
    config: str = ""
    split: str = "train"
    revision: str = ""
    rows: int = 10_000

    @property
    def file(self) -> Path:
        """Where it lies once it is fetched; other rows, or another revision, are another file."""
        key = sha256(json.dumps(asdict(self)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return home() / "datasets" / self.hub_id.replace("/", "--") / f"{key}.parquet"


def is_hub_path(path: str) -> bool:
    """Whether a path means a dataset of the hub, as in `hub:owner/name`."""
    return path.strip().startswith(PREFIX)


def hub_id_of(path: str) -> str:
    """The id behind the prefix.

    Raises:
        SpecError: it is not owner/name.
    """
    hub_id = path.strip().removeprefix(PREFIX).strip()
    if not is_hub_id(hub_id):
        raise SpecError("own_file:path", path, "hub:owner/name", "For example hub:openai/gsm8k.")
    return hub_id


def read_hub_data(data: HubData) -> Table:
    """The rows, with what is known of where they come from.

    Raises:
        DataError: the file was damaged since it was fetched.
    """
    from pyarrow.parquet import read_schema

    table = read_parquet(data.file)
    facts = json.loads((read_schema(data.file).metadata or {}).get(FACTS, b"{}"))
    left_out = facts.get("left_out", {})
    split, revision = f"split {data.split}", str(facts.get("revision", ""))[:12]
    note = f"The first {len(table.rows)} rows of {data.hub_id}, {split}, revision {revision}."
    name = Path(f"{data.hub_id.replace('/', '--')}.parquet")
    return replace(table, path=name, notes=(note, *left_out_note(left_out)), left_out=left_out)
