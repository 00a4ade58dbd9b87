"""Targets that derive an answer and end with it behind a mark, as GSM8K's do: `#### 18`."""

from collections.abc import Sequence

from workbench.errors import DataError
from workbench.tasks.measures import squeeze

MARK = "####"  # Cobbe et al. 2021, arXiv:2110.14168
NEARLY_ALL = 0.95


def mark_of(told: str, targets: Sequence[str]) -> str:
    """The mark that was told; else `####` where the last line of nearly all targets begins with it, or none."""
    if told.strip():
        return squeeze(told)
    # the last line: a heading of Markdown has text below it
    held = sum(target.rstrip().rpartition("\n")[2].startswith(f"{MARK} ") for target in targets)
    return MARK if targets and held >= NEARLY_ALL * len(targets) else ""


def notes_on_mark(told: str, targets: Sequence[str], tokens: int) -> list[str]:
    """What a person should know where answers are looked for behind a mark; nothing where they are not.

    Raises:
        DataError: a mark was told that no target holds.
    """
    mark = mark_of(told, targets)
    if not mark:
        return []
    held = sum(mark in squeeze(target) for target in targets)
    if not held:
        raise DataError(f"answer_after is {mark!r}, but allowed is a mark that targets of the file hold.")
    how = "" if told.strip() else ", as the targets' last lines suggest"
    return [
        f"The final answer is what stands behind the last {mark}{how}: {held} of {len(targets)} targets hold it.",
        f"Answers may be {tokens} tokens long to reach it, yet never more than half of what the base reads at once.",
    ]
