"""Your own file as a task: CSV, TSV, JSONL or Parquet with columns or chats, or plain text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from workbench.errors import DataError, SpecError
from workbench.knobs import knob
from workbench.metrics import CHOICE, TEXT, measured
from workbench.metrics.exact_match import ExactMatch
from workbench.metrics.overlap import Similarity
from workbench.tasks import chats, hub_fetch
from workbench.tasks.chat_lint import lint_roles
from workbench.tasks.columns import choose_columns
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.data_file import ALLOWED, read_data
from workbench.tasks.file_text import check_file
from workbench.tasks.hub_data import HubData, hub_id_of, is_hub_path, read_hub_data
from workbench.tasks.marks import mark_of, notes_on_mark
from workbench.tasks.scoring import outcome_of
from workbench.tasks.tables import Row, Table

EVALUATION_SHARE = 0.1
DERIVATION_TOKENS = 400  # 98 of 100 solutions in GSM8K's test set are no longer, in the words of pocket-gpt
MOST_LABELS, EXAMPLES_OF_A_LABEL = 50, 4  # targets as few as these are labels, if there are so many prompts for each
BREAKS = ("\n\n", "\n", ". ", " ")  # where a passage may end, the best place first


@dataclass(frozen=True)
class Reading:
    """A file's examples by split, in the file's order of preference, and what to know about them."""

    train: tuple[Record, ...]
    evaluation: tuple[Record, ...]
    notes: tuple[str, ...]
    duplicates: int
    are_chats: bool = False
    mark: str = ""  # what final answers stand behind; empty where a target is the answer as a whole

    def references(self, records: Sequence[Record]) -> list[list[str]]:
        """All targets that the file gives for what each of these records asks, however that is laid out."""
        found: dict[object, list[str]] = {_asked(record): [] for record in records if record.prompt}
        for record in chain(self.train, self.evaluation):
            if _asked(record) in found:
                found[_asked(record)].append(record.target)
        return [found.get(_asked(record), []) for record in records]


@dataclass(frozen=True)
class OwnFile(Task):
    """Learn from a file: pairs of prompt and target, chats, or plain text."""

    name: ClassVar[str] = "own_file"
    title: ClassVar[str] = "Your own file"
    plain: ClassVar[str] = "Learn from your own table, chats or text."
    idea: ClassVar[str] = (
        "A table's rows are prompts with their targets; a text is cut into passages to be learned whole. "
        "A tenth is held out: prompts that training never sees, or the end of the text."
    )
    source: ClassVar[str] = "Your file"
    metric: ClassVar[str] = "similarity"
    scores: ClassVar[dict[str, str]] = {
        "similarity": Similarity.definition,
        "exact_match": ExactMatch.definition,
    }
    metrics: ClassVar[tuple[str, ...]] = (*CHOICE, "final_answer", *TEXT)
    order: ClassVar[int] = 50
    answer_tokens: ClassVar[int] = 64

    path: str = knob("", "your file: .csv, .tsv, .jsonl, .parquet or .txt; or hub:owner/name")
    prompt_column: str = knob("", "column with the prompts, or several as a+b; empty guesses where there is no doubt")
    target_column: str = knob("", "column with the targets; empty guesses where there is no doubt")
    passage_characters: int = knob(500, "length of the passages that a plain text is cut into", low=32, high=100_000)
    config: str = knob("", "of a dataset of the hub: its part, where it has several")
    split: str = knob("train", "of a dataset of the hub: the split to read, of which a tenth is held out")
    revision: str = knob("", "of a dataset of the hub: branch, tag or commit; empty is the newest when it is fetched")
    rows: int = knob(10_000, "of a dataset of the hub: rows to read, from the first on", low=2, high=1_000_000)
    chat_template: bool = knob(True, "chats: lay them out by the model's own template, where it has one; or as lines")
    answer_after: str = knob("", "the final answer stands behind the last such mark; empty sees #### by itself")

    def reading(self) -> Reading:
        """The file, read and split; kept until it changes.

        Raises:
            DataError: the file cannot be read as examples; names the line and the column.
            SpecError: no path is given; a dataset of the hub has no such part.
        """
        if not self.path.strip():
            raise SpecError("own_file:path", self.path, f"the path of a file ({ALLOWED}) or hub:owner/name")
        data = self.hub_data()
        path = hub_fetch.keep(data) if data else Path(self.path).expanduser()
        check_file(path)
        facts = path.stat()
        return _read(self, path, facts.st_size, facts.st_mtime_ns)

    def hub_data(self) -> HubData | None:
        """The dataset of the hub that the path means; None for a file.

        Raises:
            SpecError: what follows `hub:` is no id.
        """
        if not is_hub_path(self.path):
            return None
        return HubData(hub_id_of(self.path), self.config, self.split, self.revision, self.rows)

    def holds_chats(self) -> bool:
        """Whether the file is a table of chats."""
        return self.reading().are_chats

    def notes(self) -> tuple[str, ...]:
        """How the file was read: columns, separators, duplicates, the split."""
        return self.reading().notes

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """Examples of the file: nine tenths, shuffled by the seed, to train; one tenth to evaluate."""
        records = list(getattr(self.reading(), split))
        if split == "train":
            Random(f"own_file {seed}").shuffle(records)
        return records[: examples or None]

    def labels(self) -> tuple[str, ...]:
        """The targets, where they are few and each is there for many prompts; else none."""
        pairs = self._pairs()
        found = tuple(sorted({record.target for record in pairs}))
        return found if len(found) <= min(MOST_LABELS, len(pairs) // EXAMPLES_OF_A_LABEL) else ()

    def mark(self) -> str:
        """What was told as `answer_after`, or what nearly all targets end with an answer behind."""
        return self.reading().mark

    def longest_answer(self) -> int:
        """Room for a derivation where the answer stands at its end."""
        return DERIVATION_TOKENS if self.mark() else self.answer_tokens

    def asks_for_text(self) -> bool:
        """Whether there are prompts, and too many different targets for labels."""
        return bool(self._pairs()) and not self.labels()

    def _pairs(self) -> list[Record]:
        reading = self.reading()
        return [record for record in (*reading.train, *reading.evaluation) if record.prompt]

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Similarity and exact match against all targets of a prompt; nothing for plain text."""
        return measured(self.scores, outcome_of(self, records, answers))

    def references(self, records: Sequence[Record]) -> list[tuple[str, ...]]:
        """All targets that the file gives for a prompt, in training and evaluation."""
        known = self.reading().references(records)
        return [(record.target, *others) for record, others in zip(records, known, strict=True)]


def _asked(record: Record) -> object:
    """What a record asks: the prompt, or of a chat the messages, which are the same in every layout."""
    return record.chat.said if record.chat else record.prompt


@lru_cache(maxsize=2)
def _read(task: OwnFile, path: Path, size: int, changed: int) -> Reading:
    """Read and split the file; size and time of change are there to notice a new version of it."""
    content, notes = _content(task, path)
    return _read_content(path, content, task, notes)


def first_look(task: OwnFile) -> dict[str, Any]:
    """What a form needs to know of the data: {path, columns, notes, is_clear}; a plain text has no columns.

    Where the columns are in doubt the notes say so, and a person picks them. Nothing of the data is kept in memory.

    Raises:
        DataError, SpecError: it cannot be read as examples, or not be fetched; names the line and the column.
    """
    data = task.hub_data()
    path = hub_fetch.keep(data) if data else Path(task.path)
    content, notes = _content(task, path)
    columns = () if isinstance(content, str) else content.columns
    told: dict[str, Any] = {"path": task.path, "columns": columns}
    try:
        return {**told, "notes": _read_content(path, content, task, notes).notes, "is_clear": True}
    except DataError as error:
        if len(columns) < 2:
            raise
        return {**told, "notes": (str(error),), "is_clear": False}


def _content(task: OwnFile, path: Path) -> tuple[Table | str, tuple[str, ...]]:
    data = task.hub_data()
    if not data:
        return read_data(path)
    table = read_hub_data(data)
    return table, table.notes


def _read_content(path: Path, content: Table | str, task: OwnFile, notes: Sequence[str]) -> Reading:
    if isinstance(content, str):
        return _read_passages(path, content, task.passage_characters, list(notes))
    are_chats = chats.COLUMN in content.columns and not (task.prompt_column or task.target_column)
    keyed, more = _chats(content, task) if are_chats else _records(content, task)
    targets = [record.target for _, record in keyed if record.prompt]
    marked = notes_on_mark(task.answer_after, targets, DERIVATION_TOKENS)
    reading = _split(content.path, keyed, [*notes, *more, *marked])
    return replace(reading, are_chats=are_chats, mark=mark_of(task.answer_after, targets))


def _chats(table: Table, task: OwnFile) -> tuple[list[tuple[str, Record]], tuple[str, ...]]:
    """Return (key, record) of every answer, and what to know about the chats."""
    keyed = [pair for row in table.rows for pair in chats.read_chat(table, row)]
    if not task.chat_template:
        keyed = [(key, replace(record, chat=None)) for key, record in keyed]
    note = "Every answer of the assistant is a target; the chat before it is the prompt."
    return keyed, (note, *lint_roles(table))


def _records(table: Table, task: OwnFile) -> tuple[list[tuple[str, Record]], tuple[str, ...]]:
    """Return (key, record) of every example, and how the columns were found."""
    columns = choose_columns(table, task.prompt_column, task.target_column)
    keyed = []
    for row in table.rows:
        lines = _lines(table, row, columns.prompts)
        prompt, target = "".join(lines), table.text(row, columns.target).strip()
        cut = len(lines[0]) if len(lines) == 2 else 0  # two columns are a pair
        keyed.append((prompt or target, Record(prompt, target, cut=cut)))
    return keyed, (columns.note,) if columns.note else ()


def _lines(table: Table, row: Row, columns: Sequence[str]) -> list[str]:
    """A line of the prompt for each of its columns; of several each begins with the column's name."""
    named = len(columns) > 1
    return [
        f"{column}: {table.text(row, column).strip()}\n" if named else f"{table.text(row, column).strip()}\n"
        for column in columns
    ]


def _split(path: Path, keyed: list[tuple[str, Record]], notes: list[str]) -> Reading:
    """Hold out a tenth of the keys, chosen by their hash: the same ones in whatever order the rows stand."""
    keys = sorted({key for key, _ in keyed}, key=lambda key: sha256(key.encode("utf-8", "surrogatepass")).digest())
    if len(keys) < 2:
        raise DataError(f"{path.name} has one prompt only, but allowed are two or more different ones.")
    rank = {key: place for place, key in enumerate(keys)}
    held_out = set(keys[: max(1, round(EVALUATION_SHARE * len(keys)))])
    train = tuple(record for key, record in keyed if key not in held_out)
    # Different prompts first, second targets of the same prompts after: a small evaluation asks many things.
    turn: Counter[str] = Counter()
    ordered = []
    for key, record in keyed:
        if key in held_out:
            ordered.append((turn[key], rank[key], record))
            turn[key] += 1
    evaluation = tuple(record for _, _, record in sorted(ordered, key=lambda entry: entry[:2]))
    return _reading(train, evaluation, notes, f"{len(keys)} different prompts" if train[0].prompt else "")


def _reading(train: tuple[Record, ...], evaluation: tuple[Record, ...], notes: list[str], more: str = "") -> Reading:
    records = (*train, *evaluation)
    duplicates = len(records) - len(set(records))
    told = f"{len(records)} examples" + (f" with {more}" if more else "")
    notes = [*notes, f"{told}: {len(train)} to train, {len(evaluation)} to evaluate."]
    if duplicates:
        notes.append(f"Examples that repeat an earlier one: {duplicates}; they are kept.")
    return Reading(train, evaluation, tuple(notes), duplicates)


def _read_passages(path: Path, text: str, size: int, notes: list[str]) -> Reading:
    """Cut a text into passages; the last tenth of the text is held out."""
    border = round(len(text) * (1 - EVALUATION_SHARE))
    parts: dict[str, list[Record]] = {"train": [], "evaluation": []}
    reached = 0
    for passage in passages(text, size):
        if passage.strip():
            parts["train" if reached < border else "evaluation"].append(Record("", passage))
        reached += len(passage)
    if not parts["evaluation"]:
        parts["evaluation"].append(parts["train"].pop())
    if not parts["train"]:
        raise DataError(
            f"{path.name} has {len(text)} characters, but allowed are two or more passages of {size} characters.",
            "Give a longer text or a smaller passage_characters.",
        )
    notes = [*notes, f"A plain text, cut into passages of at most {size} characters; only its loss is measured."]
    return _reading(tuple(parts["train"]), tuple(parts["evaluation"]), notes)


def passages(text: str, size: int) -> Iterator[str]:
    """Yield pieces of at most `size` characters that make up the text, cut at its natural breaks.

    A piece is at least half as long as it may be, so that a break that comes early does not count.
    """
    start = 0
    while len(text) - start > size:
        ends = (text.rfind(mark, start + size // 2, start + size) + len(mark) for mark in BREAKS)
        end = next((end for end in ends if end > start + size // 2), start + size)
        yield text[start:end]
        start = end
    yield text[start:]
