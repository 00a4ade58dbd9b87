"""Fetching the first rows of a dataset from the hub: streamed, data files only, no code."""

import json
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from workbench.errors import DataError, SpecError, StorageError, WorkbenchError
from workbench.hub import SECONDS_TO_ANSWER, told
from workbench.settings import is_offline
from workbench.tasks import file_text
from workbench.tasks.hub_data import FACTS, HubData
from workbench.tasks.parquet import ROWS_AT_ONCE, kind_of

WORKS_OFFLINE = "Offline, a file of your own works, and so does a dataset that was fetched before."
TABLES = ("parquet", "arrow", "json", "csv", "text")  # of what `datasets` reads
TRIES = 2  # of a read that breaks off; `datasets` by itself goes on for minutes
_ONE_AT_A_TIME = threading.Lock()


def keep(data: HubData) -> Path:
    """The file of the dataset, fetched where it isn't here.

    Raises:
        DataError, SpecError: see `fetch`.
    """
    with _ONE_AT_A_TIME:
        for _ in fetch(data):
            pass
    return data.file


def fetch(data: HubData) -> Iterator[int]:
    """Stream the rows to this machine where they aren't here, and yield how many have come.

    Columns that cannot be learned are left out on the way; labels that are stored as numbers get their names.

    Raises:
        DataError: the hub is out of reach or has no such dataset, it is gated, or holds no table.
        SpecError: it has no such config or split; says which ones it has.
        StorageError: the home cannot be written, or has no room.
    """
    if data.file.is_file():
        return
    part = data.file.with_suffix(f".{secrets.token_hex(4)}.part")
    try:
        revision = _revision(data)
        with tempfile.TemporaryDirectory(prefix="workbench-") as place:
            stream = _stream(data, revision, place)
            _make_room(part.parent)
            yield from _write(data, revision, stream, part)
        part.replace(data.file)
    except WorkbenchError:
        raise
    except Exception as error:  # whatever the libraries raise on a foreign dataset is one sentence to a person
        raise _sentence(data, error) from error
    finally:
        part.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        advice = "Choose a folder of your own with WORKBENCH_HOME."
        raise StorageError(f"{folder} cannot be written: {error.strerror or error}.", advice) from error
    if free < 2 * file_text.MOST_BYTES:
        raise StorageError(f"Only {free / 1e6:.0f} MB are free on the disk.", "Free some space.")


def _sentence(data: HubData, error: Exception) -> DataError:
    from datasets.exceptions import DatasetsError

    if isinstance(error, DatasetsError):
        return DataError(f"{data.hub_id} holds no data that can be read ({str(error).splitlines()[0][:200]}).")
    return DataError(*told(data.hub_id, "dataset", error, WORKS_OFFLINE))


def _write(data: HubData, revision: str, stream: Any, part: Path) -> Iterator[int]:
    from pyarrow.parquet import ParquetWriter

    labels = {name: kind.names for name, kind in (stream.features or {}).items() if hasattr(kind, "names")}
    batches = stream.with_format("arrow").take(data.rows).iter(ROWS_AT_ONCE)
    first = next(batches, None)
    if first is None:
        raise DataError(f"Split {data.split} of {data.hub_id} has no rows.", "Take another split.")
    left_out = {field.name: kind for field in first.schema if (kind := kind_of(field.type))}
    columns = [name for name in first.column_names if name not in left_out]
    if not columns:
        found = ", ".join(f"{name} ({kind})" for name, kind in left_out.items())
        raise DataError(f"{data.hub_id} has the columns {found}, but allowed are texts, numbers and chats.")
    facts = {FACTS: json.dumps({"revision": revision, "left_out": left_out})}
    schema = _named(first.select(columns), labels).schema.with_metadata(facts)
    rows = size = 0
    with ParquetWriter(part, schema) as writer:
        for batch in chain([first], batches):
            kept = _named(batch.select(columns), labels).cast(schema)
            if (size := size + kept.nbytes) > file_text.MOST_BYTES:
                break
            writer.write_table(kept)
            yield (rows := rows + len(kept))


def _named(batch: Any, labels: Mapping[str, list[str]]) -> Any:
    """The rows with names instead of numbers in the columns of labels; a number below 0 is none."""
    from pyarrow import array, compute

    for name in set(labels) & set(batch.column_names):
        numbers = compute.if_else(compute.less(batch[name], 0), None, batch[name])
        place = batch.column_names.index(name)
        batch = batch.set_column(place, name, compute.take(array(labels[name]), numbers))
    return batch


def _revision(data: HubData) -> str:
    """The commit that is read; asked first, so that an unreachable hub is known at once."""
    from huggingface_hub import HfApi

    if is_offline():
        raise DataError(
            f"{data.hub_id} is not on this machine, and HF_HUB_OFFLINE forbids asking the hub.", WORKS_OFFLINE
        )
    hub = HfApi()
    info = hub.dataset_info(data.hub_id, revision=data.revision or None, timeout=SECONDS_TO_ANSWER)
    if info.gated:  # its facts are for everybody, its files are not; `datasets` would hide what the hub says
        hub.auth_check(data.hub_id, repo_type="dataset")
    return str(info.sha)


def _stream(data: HubData, revision: str, place: str) -> Any:
    """The split as an IterableDataset of `datasets`, which has read nothing but its first rows' types."""
    import datasets

    datasets.disable_progress_bars()
    datasets.config.STREAMING_OPEN_MAX_RETRIES = datasets.config.STREAMING_READ_MAX_RETRIES = TRIES
    try:
        builder = datasets.load_dataset_builder(data.hub_id, data.config or None, revision=revision, cache_dir=place)
    except ValueError:
        _check_config(data, revision)
        raise
    if builder.name not in TABLES:
        raise DataError(f"{data.hub_id} holds {builder.name} data, but allowed is one of {', '.join(TABLES)}.")
    splits = builder.as_streaming_dataset()
    if data.split not in splits:
        raise SpecError("own_file:split", data.split, f"one of {', '.join(splits)}")
    return splits[data.split]


def _check_config(data: HubData, revision: str) -> None:
    from datasets import get_dataset_config_names

    names = get_dataset_config_names(data.hub_id, revision=revision)
    if data.config not in names:
        raise SpecError("own_file:config", data.config, f"one of {', '.join(names)}")
