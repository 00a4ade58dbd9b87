"""What every task gives: seeded examples, prompts to watch, and a score."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from workbench.tasks.measures import squeeze

Split = Literal["train", "evaluation"]
IGNORED = -100  # label of a token that is not learned, as in torch's cross_entropy


@dataclass(frozen=True)
class Chat:
    """An answer of the assistant and the messages before it as (role, content), for a template to lay out.

    `place` says where it was read, in the words of an error.
    """

    said: tuple[tuple[str, str], ...]
    answer: str
    place: str = ""


@dataclass(frozen=True)
class Record:
    """One example: the model reads `prompt` and shall write `target`; only the target's tokens are learned.

    Where `prompt` is empty the whole text is the target (plain language modelling).
    `group` names the kind of example where a task has several (instruction types, say). Where the prompt is a pair of
    texts, the second begins at its character `cut`; an encoder is shown where.

    The answer of a chat keeps its messages (`chat`), for a model with a chat template of its own. `end` is what such a
    template writes between the target and the model's end token; it is learned too, and no part of a right answer.
    """

    prompt: str
    target: str
    group: str = ""
    cut: int = 0
    end: str = ""
    chat: Chat | None = field(default=None, compare=False)  # what it says stands in the texts


class Task(ABC):
    """Something to learn; a frozen dataclass whose fields are its knobs.

    The class says `name`, `title`, `plain`, `idea`, `metric` (the key of its leading score, higher is
    better) and `scores` (the keys with a one-line definition each). `metrics` names those of `METRICS` that are told
    beside the scores, of a choice or of free text as `labels` says. `source` names a paper or says that the data is
    made here.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    plain: ClassVar[str]
    idea: ClassVar[str]
    source: ClassVar[str]
    metric: ClassVar[str]
    scores: ClassVar[dict[str, str]]
    metrics: ClassVar[tuple[str, ...]] = ()
    gives: ClassVar[str] = "prompt and target"
    order: ClassVar[int] = 100
    answer_tokens: ClassVar[int] = 48  # what scoring lets the model write, where its data don't ask for more
    unseen: ClassVar[tuple[str, ...]] = ()  # texts of this task that the pocket base's corpus never holds

    @abstractmethod
    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """Examples of a split; `examples` 0 gives all. The splits share no example.

        The first k training examples are the same whatever k is asked for, so that a run with less data
        sees a part of what a run with more data sees. The evaluation split is the same for every `seed`.

        Raises:
            DataError: a file cannot be read as examples.
        """

    @abstractmethod
    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Scores between 0 and 1 of the answers to the records' prompts, the leading one under `metric`.

        Empty where the records have no prompts (plain text): there the loss is the only measure.
        """

    def references(self, records: Sequence[Record]) -> list[tuple[str, ...]]:
        """All right answers to each record's prompt, its own target first."""
        return [(record.target,) for record in records]

    def said(self, answer: str) -> str:
        """What of an answer, a target or a label the metrics read."""
        return squeeze(answer)

    def labels(self) -> tuple[str, ...]:
        """The targets that there are; empty where answers are free text."""
        return ()

    def mark(self) -> str:
        """What a final answer stands behind in a target and in an answer; empty where the whole text is the answer."""
        return ""

    def longest_answer(self) -> int:
        """How many tokens scoring lets the model write."""
        return self.answer_tokens

    def asks_for_text(self) -> bool:
        """Whether answers are free text, which an encoder cannot write."""
        return not self.labels()

    def holds_chats(self) -> bool:
        """Whether the examples are answers of an assistant in chats."""
        return False

    def notes(self) -> tuple[str, ...]:
        """What a person should know about how the data was read, a sentence each; nothing for made data."""
        return ()
