"""What people say about a run, apart from what it did: whose it is, its name and its tags."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.errors import SpecError
from workbench.runs.storage import storing, write_json

LONGEST_NAME = 80  # characters
LONGEST_TAG = 30
MOST_TAGS = 10
FILE = "labels.json"


@dataclass(frozen=True)
class Labels:
    """`owner` is whoever started the run; the empty name stands for the run's method."""

    owner: str = ""
    name: str = ""
    tags: tuple[str, ...] = ()


def read_labels(folder: Path) -> Labels:
    """The labels of a run folder; none where the file is missing or damaged, since nothing depends on it."""
    try:
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Labels(str(data["owner"]), str(data["name"]), tuple(str(tag) for tag in data["tags"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Labels()


def write_labels(folder: Path, labels: Labels) -> None:
    """Keep the labels of a run folder, whole or not at all.

    Raises:
        SpecError: a name or tag is too long, or there are too many tags.
        StorageError: the disk refused.
    """
    if len(labels.name) > LONGEST_NAME:
        raise SpecError("The name of the run", labels.name[:20] + "...", f"at most {LONGEST_NAME} characters")
    for tag in labels.tags:
        if not tag.strip() or len(tag) > LONGEST_TAG:
            raise SpecError("A tag", tag[:20], f"1 to {LONGEST_TAG} characters")
    if len(labels.tags) > MOST_TAGS:
        raise SpecError("The number of tags", len(labels.tags), f"at most {MOST_TAGS}")
    draft = folder / f".{FILE}.{os.getpid()}"
    with storing(folder / FILE):
        write_json(draft, asdict(labels))
        draft.replace(folder / FILE)
