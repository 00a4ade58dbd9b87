"""What the runs of a race share: the base, the examples in their order, and what every run is asked."""

import copy
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from torch import nn

from workbench.errors import DataError
from workbench.models.load import Base
from workbench.objectives.contract import Objective
from workbench.spec import SAMPLES, Budget
from workbench.tasks.chat_template import lay_out
from workbench.tasks.chats import ANSWERS
from workbench.tasks.contract import IGNORED, Chat, Record, Task
from workbench.tasks.encode import Encoded, Layout, encode, is_learned, layout_of
from workbench.training.attention import attend_fast
from workbench.training.batches import Batch, Examples, evaluation_batches
from workbench.training.check import Checked
from workbench.training.device import Device, choose_device
from workbench.training.evaluate import mean_loss
from workbench.training.generate import Writing, prompt_ids, write

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BASE_DOCUMENTS = 32  # of the pocket world, for the loss on the base's own domain
OWN_TEXTS, OWN_TOKENS = 16, 48  # what another base writes itself for that purpose
OPENING = 0.25  # of a plain text, given as the prompt of its sample
SEED_OF_EVALUATION = 0  # what is measured is the same for every seed of training


@dataclass(frozen=True)
class Questions:
    """What a run is asked: held-out loss, answers to be scored, and samples to be shown.

    `posed` is what the model reads, with worked examples where a method wants some; `scored` are the same questions
    as the task put them, which is what an answer is held against.
    """

    batches: list[Batch]
    posed: list[Record]
    scored: list[Record]
    shown: list[Record]


@dataclass
class Untouched:
    """The base model as it is, sharing its weights with every run, and what it was found to do.

    `base_loss` is its loss on its own domain; `loss`, `answers` and `scores` are those to the race's questions, empty
    until somebody needs them.
    """

    model: "PreTrainedModel"
    base_loss: float
    loss: float | None = None
    answers: list[str] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Bench:
    """All that the runs of a race have in common; whatever the method, it is the same."""

    base: Base
    device: Device
    task: Task
    objective: Objective
    budget: Budget
    max_length: int
    seed: int
    examples: Examples
    held_out: list[Record]
    base_batches: list[Batch]
    untouched: Untouched
    ends: tuple[int, ...] = ()  # tokens that end an answer beside the tokenizer's end token
    asked: dict[int, Questions] = field(default_factory=dict)  # by the number of worked examples in the prompt

    @property
    def padding(self) -> int:
        """The token that fills a batch; never read, so any will do."""
        return self.base.tokenizer.pad_token_id or 0

    @property
    def writing(self) -> Writing:
        """How every run answers: greedily, so that nothing but the weights decides."""
        positions = self.base.card.positions
        tokens = min(self.task.longest_answer(), positions // 2)
        return Writing(tokens, positions=positions, layout=self.layout, ends=self.ends)

    @property
    def layout(self) -> Layout:
        """How the model reads the task's examples."""
        return self.examples.layout

    def questions(self, shots: int = 0) -> Questions:
        """What a run is asked; a method with `shots` finds so many training examples before each prompt."""
        if shots not in self.asked:
            shown = self.examples.records[:shots]
            records = asked_with(self.held_out, shown, self.base.tokenizer, self.layout)
            examples = Examples(
                records[: self.budget.evaluation_examples], self.base.tokenizer, self.max_length, self.layout
            )
            batches = evaluation_batches(examples, self.padding, self.device.place)
            scored = [record for record in self.held_out if record.prompt][: self.budget.metric_examples]
            posed = asked_with(scored, shown, self.base.tokenizer, self.layout)
            self.asked[shots] = Questions(batches, posed, scored, [_sample(record) for record in records[:SAMPLES]])
        return self.asked[shots]


def set_up(checked: Checked, base: Base, base_texts: Sequence[str] = (), like: Bench | None = None) -> Bench:
    """Read the data and bring everything that a race shares to the device.

    Args:
        checked: any run of the race.
        base_texts: texts of the base's own domain; without them the pocket world's, or the base's own writing.
        like: an earlier bench, of a task whose data have not changed since; where it asks the same of the same base,
            what was found out there is kept.

    Raises:
        DataError: the data cannot be read as examples, or holds none.
    """
    spec, budget = checked.spec, checked.spec.budget
    device = choose_device(budget.precision, base.card.parameters)
    base.model.to(device.place)  # type: ignore[arg-type]  # transformers hides nn.Module.to's types
    if like and not base_texts and _asks_the_same(like, checked, base, device):
        return _again(like, checked)
    held_out = held_out_records(checked, base.tokenizer)
    domain = base_domain(base, device, base_texts, checked.max_length)
    base_batches = evaluation_batches(domain, base.tokenizer.pad_token_id or 0, device.place)
    model = share(base.model)
    attend_fast(model, device, base.card.kind)
    return Bench(
        base=base,
        device=device,
        task=checked.task,
        objective=checked.objective,
        budget=budget,
        max_length=checked.max_length,
        seed=spec.seed,
        examples=_examples(checked, base),
        held_out=held_out,
        base_batches=base_batches,
        untouched=Untouched(model, mean_loss(model, base_batches, checked.objective, device)),
        ends=_ends(held_out, base.tokenizer),
    )


def _ends(records: Sequence[Record], tokenizer: "PreTrainedTokenizerBase") -> tuple[int, ...]:
    """Tokens with which a chat template ends an answer before the model's end token, as Gemma's <end_of_turn>."""
    known = tokenizer.get_added_vocab()
    marks = {record.end.strip() for record in records}
    return tuple(sorted(known[mark] for mark in marks if mark in known))


def task_layout(checked: Checked, tokenizer: "PreTrainedTokenizerBase") -> Layout:
    """How the race's model reads the examples of its task."""
    return layout_of(checked.card, tokenizer, checked.task.labels())


def training_records(checked: Checked, tokenizer: "PreTrainedTokenizerBase") -> list[Record]:
    """What the runs of the race learn from, before batches are made of it.

    Chats are laid out by the model's own template, where it has one.

    Raises:
        DataError: the data cannot be read as examples, or the template refuses a chat.
    """
    records = checked.task.records("train", checked.spec.budget.examples, checked.spec.seed)
    return lay_out(records, tokenizer, task_layout(checked, tokenizer))


def held_out_records(checked: Checked, tokenizer: "PreTrainedTokenizerBase") -> list[Record]:
    """What they are asked: as many records as the largest of their questions needs, laid out as what they learn from.

    Raises:
        DataError: the data cannot be read as examples, or the template refuses a chat.
    """
    budget = checked.spec.budget
    wanted = max(budget.evaluation_examples, budget.metric_examples, SAMPLES)
    records = checked.task.records("evaluation", wanted, SEED_OF_EVALUATION)
    return lay_out(records, tokenizer, task_layout(checked, tokenizer))


def _examples(checked: Checked, base: Base) -> Examples:
    layout = task_layout(checked, base.tokenizer)
    examples = Examples(training_records(checked, base.tokenizer), base.tokenizer, checked.max_length, layout)
    if examples and not any(is_learned(example, base.tokenizer) for example in examples):  # most often the first is
        raise nothing_to_learn(len(examples), base.card.name)
    return examples


def nothing_to_learn(examples: int, model: str) -> DataError:
    """The error where no example has a target that the model's tokenizer knows."""
    told = f"All {examples} examples have an empty target mask, so there is nothing to learn."
    return DataError(told, f"The tokenizer of {model} gives their targets no token; take another model.")


def _again(like: Bench, checked: Checked) -> Bench:
    """The bench for another race: the same questions, and the examples too where seed and number are the same."""
    budget, seed = checked.spec.budget, checked.spec.seed
    if (like.seed, like.budget.examples) == (seed, budget.examples):
        return replace(like, budget=budget, asked=dict(like.asked))
    asked = {shots: questions for shots, questions in like.asked.items() if shots == 0}
    return replace(like, budget=budget, seed=seed, examples=_examples(checked, like.base), asked=asked)


def _asks_the_same(like: Bench, checked: Checked, base: Base, device: Device) -> bool:
    """Whether the bench puts the same questions to the same base in the same number format."""
    ours, theirs = checked.spec.budget, like.budget
    sizes = (ours.evaluation_examples, ours.metric_examples) == (theirs.evaluation_examples, theirs.metric_examples)
    parts = (like.task, like.objective, like.device, like.max_length)
    return like.base is base and sizes and parts == (checked.task, checked.objective, device, checked.max_length)


def share(model: "PreTrainedModel") -> "PreTrainedModel":
    """A module tree of its own whose frozen parameters and buffers are the model's own numbers in memory.

    Ties stay ties. Only the tree may be changed; who wants to move a weight clones it first.
    """
    same: dict[int, Any] = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in model.parameters()}
    same |= {id(buffer): buffer for buffer in model.buffers()}
    return copy.deepcopy(model, same)


def asked_with(
    records: Sequence[Record], shown: Sequence[Record], tokenizer: "PreTrainedTokenizerBase", layout: Layout
) -> list[Record]:
    """The records with the same worked examples before each; chats are laid out anew with them."""
    return lay_out([with_examples(record, shown) for record in records], tokenizer, layout) if shown else list(records)


def with_examples(record: Record, examples: Sequence[Record]) -> Record:
    """The record with worked examples before its prompt, an empty line after each (Brown et al. 2020).

    In a chat they are earlier turns, for a template to lay out.
    """
    before = "".join(f"{example.prompt}{example.target}\n\n" for example in examples)
    moved = record.cut + len(before) if record.cut else 0
    chat = _with_turns(record.chat, [example.chat for example in examples if example.chat]) if record.chat else None
    return replace(record, prompt=before + record.prompt, cut=moved, chat=chat) if examples else record


def _with_turns(chat: Chat, earlier: Sequence[Chat]) -> Chat:
    """The chat with these turns before it; what the system says, templates allow at the start alone."""
    opening = chat.said[:1] if chat.said[:1] and chat.said[0][0] == "system" else ()
    turns = [turn for one in earlier for turn in (*one.said, (ANSWERS, one.answer)) if turn[0] != "system"]
    return replace(chat, said=(*opening, *turns, *chat.said[len(opening) :]))


def _sample(record: Record) -> Record:
    """A record to show; of a plain text the opening is the prompt and the rest what it is held against."""
    if record.prompt:
        return record
    cut = record.target.find(" ", int(len(record.target) * OPENING)) + 1
    return Record(record.target[:cut], record.target[cut:], record.group)


def base_domain(base: Base, device: Device, texts: Sequence[str], max_length: int) -> list[Encoded]:
    """Texts of the kind that the base was pretrained on, for measuring what tuning makes it forget.

    Pocket models: held-out documents of their world. Any other decoder: texts that the untuned base writes itself
    at temperature 1 with a fixed seed, a stand-in for its training data; at the start its loss on them is
    its own entropy, and what tuning changes shows as a rise. What cannot write such texts gets the pocket world's, too:
    plain English, Spanish and Python.
    """
    if not texts and (base.card.name.startswith("pocket-") or base.card.kind != "decoder"):
        from workbench.pocket.corpus import base_domain as documents

        texts = [document.text for document in islice(documents(SEED_OF_EVALUATION, BASE_DOCUMENTS), BASE_DOCUMENTS)]
    if texts:
        layout = layout_of(base.card, base.tokenizer)
        return [encode(Record("", text), base.tokenizer, max_length, layout) for text in texts]
    return _own_texts(base, device, min(OWN_TOKENS, max_length - 1))


def _own_texts(base: Base, device: Device, tokens: int) -> list[Encoded]:
    start = prompt_ids("", base.tokenizer)
    writing = Writing(tokens, temperature=1.0, seed=SEED_OF_EVALUATION, positions=base.card.positions)
    with device.autocast():
        written = write(base.model, base.tokenizer, [start] * OWN_TEXTS, writing)
    ignored = (IGNORED,) * len(start)
    return [Encoded((*start, *ids), (*ignored, *ids)) for ids in written if ids]
