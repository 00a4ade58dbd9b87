"""From an example to token ids and labels, as the model at hand reads them."""

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from workbench.card import Kind, ModelCard
from workbench.tasks.contract import IGNORED, Record
from workbench.tasks.gaps import hide_spans, hide_tokens

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Encoded:
    """An example as tokens; `truncated` tokens were cut.

    `ids` and `labels` are equally long. A label is the token of its own place: what a model that writes predicts one
    place earlier, and what an encoder (`is_filled`) finds under a mask at the place itself.
    `source` is what an encoder-decoder reads before it writes `ids`, and `segments` the segment of each of an
    encoder's tokens, empty where all are of the first. Where a classification head answers (`by_head`), labels are
    the number of the task's label, at the places whose states the head reads. `endings` are the tokens with which a
    chat template ends a target.
    """

    ids: tuple[int, ...]
    labels: tuple[int, ...]
    truncated: int = 0
    source: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()
    is_filled: bool = False
    by_head: bool = False
    endings: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many tokens the model reads, those of the source and of the target together."""
        return len(self.source) + len(self.ids)

    @property
    def targets(self) -> int:
        """How many tokens are learned; a classification head learns one label."""
        return 1 if self.by_head else sum(label != IGNORED for label in self.labels)


@dataclass(frozen=True)
class Layout:
    """How a model reads an example: its kind, the masks that stand for an answer, whether it tells segments apart.

    `start` is what an encoder-decoder writes behind, where it is not the padding token. `labels` are those that a
    classification head chooses from; where there are none, the model answers in words.
    """

    kind: Kind = "decoder"
    masks: int = 1
    has_segments: bool = False
    start: int | None = None
    labels: tuple[str, ...] = ()

    def first(self, tokenizer: "PreTrainedTokenizerBase") -> int:
        """The token that an encoder-decoder's writing starts behind."""
        return self.start if self.start is not None else int(tokenizer.pad_token_id or 0)


DECODER = Layout()


def layout_of(card: ModelCard, tokenizer: "PreTrainedTokenizerBase", answers: tuple[str, ...] = ()) -> Layout:
    """How this model reads a task whose answers are these; as many masks as the longest of them has tokens."""
    sizes = [len(tokenizer.encode(answer, add_special_tokens=False)) for answer in answers]
    start = card.config.get("decoder_start_token_id")
    first = start if isinstance(start, int) else None
    return Layout(card.kind, max(sizes, default=1), card.segments > 1, first, answers if card.labels else ())


def encode(record: Record, tokenizer: "PreTrainedTokenizerBase", max_length: int, layout: Layout = DECODER) -> Encoded:
    """The tokens of an example, of which the target's are learned.

    A decoder reads prompt + target + end. An encoder-decoder reads the prompt and writes target + end. What a chat
    template ends a target with (`record.end`) stands before the end token. An encoder reads the prompt and masks, under
    which it finds the target. Without a prompt the target is a text to learn as
    in pretraining: all of it, or what is hidden from it. For a classification head only the prompt is read.

    An example that is too long loses the start of its prompt first (the end is nearest to the answer), then the end of
    its target.
    """
    if layout.labels:
        return _classified(record, tokenizer, max_length, layout)
    return {"decoder": _continued, "encoder": _filled, "encoder_decoder": _answered}[layout.kind](
        record, tokenizer, max_length, layout
    )


def is_learned(example: Encoded, tokenizer: "PreTrainedTokenizerBase") -> bool:
    """Whether a token of the target is learned, beside the one that ends it or fills its place; a label always is."""
    if example.by_head:
        return True
    ends = {IGNORED, *example.endings, tokenizer.sep_token_id if example.is_filled else tokenizer.eos_token_id}
    first = 0 if example.is_filled else 1  # nothing stands before the first token to predict it
    return any(label not in ends for label in example.labels[first:])


def _continued(record: Record, tokenizer: "PreTrainedTokenizerBase", max_length: int, layout: Layout) -> Encoded:
    """A beginning-of-text token stands first where the tokenizer has one."""
    start = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else []
    prompt = _ids(record.prompt, tokenizer)
    target = written(record, tokenizer)
    room = max_length - len(start)
    truncated = max(0, len(prompt) + len(target) - room)
    prompt = prompt[min(truncated, len(prompt)) :]
    target = target[: room - len(prompt)]
    ids = [*start, *prompt, *target]
    labels = [IGNORED] * (len(start) + len(prompt)) + target
    return Encoded(tuple(ids), tuple(labels), truncated, endings=tuple(_ids(record.end, tokenizer)))


def _answered(record: Record, tokenizer: "PreTrainedTokenizerBase", max_length: int, layout: Layout) -> Encoded:
    """Source and target are cut each for itself."""
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    start = layout.first(tokenizer)
    if record.prompt:
        source, target = _ids(record.prompt, tokenizer), written(record, tokenizer)
    else:
        source, target = hide_spans(_ids(record.target, tokenizer), tokenizer, Random(record.target))
        target += end
    kept = source[max(0, len(source) + len(end) - max_length) :] + end
    answer = target[: max_length - 1]
    truncated = len(source) + len(end) - len(kept) + len(target) - len(answer)
    endings = tuple(_ids(record.end, tokenizer))
    return Encoded((start, *answer), (IGNORED, *answer), truncated, source=tuple(kept), endings=endings)


def _filled(record: Record, tokenizer: "PreTrainedTokenizerBase", max_length: int, layout: Layout) -> Encoded:
    """[CLS] prompt masks [SEP]; what an answer leaves of its masks is filled with [SEP].

    Where the record is a pair, another [SEP] parts it.
    """
    first, between, mask = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.mask_token_id
    if not record.prompt:
        text = _ids(record.target, tokenizer)
        kept = text[: max_length - 2]
        ids, labels = hide_tokens([first, *kept, between], tokenizer, Random(record.target))
        return Encoded(tuple(ids), tuple(labels), len(text) - len(kept), is_filled=True)
    parts = [_ids(text, tokenizer) for text in (record.prompt[: record.cut], record.prompt[record.cut :]) if text]
    target = _ids(record.target, tokenizer)[: layout.masks]
    target += [between] * (layout.masks - len(target))
    room = max_length - layout.masks - 1 - len(parts)
    truncated = max(0, sum(map(len, parts)) - room)
    parts[0] = parts[0][min(truncated, len(parts[0])) :]
    parts[-1] = parts[-1][max(0, sum(map(len, parts)) - room) :]
    before = [first, *parts[0], *([between, *parts[1]] if len(parts) > 1 else [])]
    ids = [*before, *[mask] * layout.masks, between]
    labels = [*[IGNORED] * len(before), *target, IGNORED]
    segments = segments_of(tuple(ids), between) if layout.has_segments else ()
    return Encoded(tuple(ids), tuple(labels), truncated, segments=segments, is_filled=True)


def _classified(record: Record, tokenizer: "PreTrainedTokenizerBase", max_length: int, layout: Layout) -> Encoded:
    """What is read is laid out as for words; a label stands where the head reads.

    Of a decoder it reads the state at the last token (Radford et al. 2018, section 3.2); of an encoder the mean over
    all tokens (Reimers and Gurevych 2019, arXiv:1908.10084, section 3), since [CLS] means something only where
    pretraining gave it something to do, as BERT's did; of an encoder-decoder the state where the decoder starts (Ni et
    al. 2021, arXiv:2108.08877, section 3).
    """
    asked = Record(record.prompt, "", cut=record.cut)
    number = layout.labels.index(record.target)
    if layout.kind == "decoder":
        start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
        prompt = _ids(asked.prompt, tokenizer)
        truncated = max(0, len(start) + len(prompt) - max_length)
        ids = (*start, *prompt[truncated:])
        return Encoded(ids, (*(IGNORED,) * (len(ids) - 1), number), truncated, by_head=True)
    if layout.kind == "encoder":
        read = _filled(asked, tokenizer, max_length, replace(layout, masks=0))
        return replace(read, labels=(number,) * len(read.ids), by_head=True)
    read = _answered(asked, tokenizer, max_length, layout)
    return replace(read, ids=read.ids[:1], labels=(number,), by_head=True)


def segments_of(ids: tuple[int, ...], between: int) -> tuple[int, ...]:
    """What follows the first [SEP] is the second segment; empty where nothing does."""
    first = ids.index(between) + 1
    return (*[0] * first, *[1] * (len(ids) - first)) if first < len(ids) else ()


def _ids(text: str, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False)) if text else []


def written(record: Record, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """What a model that writes is to write: the target, what a chat template ends it with, and the end token."""
    ids = _ids(record.target + record.end, tokenizer)
    return ids if tokenizer.eos_token_id is None else [*ids, tokenizer.eos_token_id]
