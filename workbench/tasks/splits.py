"""Drawing examples without end: seeded, without repeats, and never shared by the two splits."""

from collections.abc import Callable
from random import Random
from zlib import crc32

from workbench.tasks.contract import Record, Split

TRIES = 40  # draws for one example before its turn is passed over
PATIENCE = 200  # turns without a fresh example after which the task has no more
HELD_OUT_SHARE = 5  # one key in five belongs to the evaluation

Draw = Callable[[Random, int], tuple[str, Record]]


def is_held_out(key: str) -> bool:
    """Tell whether an example with this key belongs to the evaluation split, whatever the seed.

    The key says what is asked, not how: so the same question in other words stays on the same side.
    """
    return crc32(key.encode()) % HELD_OUT_SHARE == 0


def draw_records(name: str, split: Split, wanted: int, seed: int, draw: Draw) -> list[Record]:
    """Return `wanted` different examples of a split, or fewer where the task has no more.

    `draw(rng, turn)` gives a key and a record. Example i depends on what came before it only, so a
    smaller number gives the start of a larger one. The evaluation split does not look at the seed.
    """
    origin = f"{name} {split} {seed if split == 'train' else 0}"
    records: list[Record] = []
    seen: set[str] = set()
    turn = idle = 0
    while len(records) < wanted and idle < PATIENCE:
        record = _fresh(Random(f"{origin} {turn}"), turn, split, draw, seen)
        turn, idle = turn + 1, 0 if record else idle + 1
        if record:
            seen.add(record.prompt)
            records.append(record)
    return records


def _fresh(rng: Random, turn: int, split: Split, draw: Draw, seen: set[str]) -> Record | None:
    for _ in range(TRIES):
        key, record = draw(rng, turn)
        if is_held_out(key) == (split == "evaluation") and record.prompt not in seen:
            return record
    return None
