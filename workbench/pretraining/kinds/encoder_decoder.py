"""An encoder-decoder learns to write the spans that are missing from a text."""

from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.pretraining.examine_gaps import examine_spans
from workbench.pretraining.kinds.contract import Kind, Row
from workbench.tasks.encode import IGNORED

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.pretraining.recipe import Recipe

MISSING, SPAN = 0.15, 3  # share of tokens, and mean length of a span (Raffel et al. 2019, section 3.3.4)
# A model that only ever filled gaps is hard to prompt (Lester et al. 2021, section 3.2). So in a third of the documents
# one span is missing that reaches to the end, as in UL2 (Tay et al. 2022, arXiv:2205.05131).
TO_THE_END = 1 / 3
GAPS = 32  # marks; a row of 256 tokens has 13


class EncoderDecoder(Kind):
    """A T5 v1.1 with tied embeddings: relative positions, gated feed-forward layers, no biases."""

    name: ClassVar[str] = "encoder_decoder"
    sentence: ClassVar[str] = (
        "A T5 encoder-decoder, which learned missing spans (15 % of the tokens; in a third of the documents the end)"
    )
    order: ClassVar[int] = 30
    reserved: ClassVar[int] = 1

    @staticmethod
    def blocks(depth: int) -> str:
        """The recipe's depth is that of each side."""
        return f"{depth} blocks on each side"

    def tokenizer(self, shared: "PreTrainedTokenizerBase") -> "PreTrainedTokenizerBase":
        """With T5's marks for gaps."""
        shared.add_special_tokens({"additional_special_tokens": [gap(number) for number in range(GAPS)]})
        return shared

    def build(self, recipe: "Recipe", tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
        """The encoder-decoder, randomly started; the recipe's depth is that of each side."""
        import torch
        from transformers import T5Config, T5ForConditionalGeneration

        torch.manual_seed(recipe.seed)
        config = T5Config(
            vocab_size=len(tokenizer),
            d_model=recipe.width,
            d_kv=recipe.width // recipe.heads,
            d_ff=recipe.feed_forward,
            num_layers=recipe.depth,
            num_heads=recipe.heads,
            feed_forward_proj="gated-gelu",
            dropout_rate=0.0,
            n_positions=recipe.context,
            tie_word_embeddings=True,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            decoder_start_token_id=tokenizer.pad_token_id,
        )
        return T5ForConditionalGeneration(config)

    def row(self, document: list[int], tokenizer: "PreTrainedTokenizerBase", rng: Random) -> Row:
        """The document with a mark for each gap, and each mark with what is missing there."""
        ids, end = document[1:-1], document[-1]
        first = tokenizer.convert_tokens_to_ids(gap(0))
        read, learned, at = [], [], 0
        for number, (start, stop) in enumerate(_gaps(len(ids), rng)):
            read += [*ids[at:start], first + number]
            learned += [first + number, *ids[start:stop]]
            at = stop
        return [*read, *ids[at:], end], [*learned, end]

    def logits(self, model: Any, ids: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
        """The decoder reads the labels one place later, behind its start token."""
        pad = model.config.pad_token_id
        before = labels.new_full(labels.shape, pad)
        before[:, 1:] = labels[:, :-1].masked_fill(labels[:, :-1] == IGNORED, pad)
        out = model(input_ids=ids, attention_mask=ids != pad, decoder_input_ids=before, use_cache=False)
        return out.logits  # type: ignore[no-any-return]

    def examine(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> dict[str, float]:
        """Gaps that it fills, stories that it ends, questions whose answer is a gap."""
        return examine_spans(self, model, tokenizer, count)


def gap(number: int) -> str:
    """The mark of a gap; T5's own name for it."""
    return f"<extra_id_{number}>"


def _gaps(length: int, rng: Random) -> list[tuple[int, int]]:
    """Where spans are missing: (start, stop) of each, in order, at least one token apart."""
    if rng.random() < TO_THE_END:
        return [(rng.randrange(length), length)]
    missing = max(1, round(MISSING * length))
    spans = max(1, round(missing / SPAN))
    sizes = _cut(missing, spans, rng)
    between = _cut(length - missing + 2, spans + 1, rng)  # one more at both ends, where none has to be
    between[0] -= 1
    gaps, at = [], 0
    for space, size in zip(between, sizes, strict=False):
        gaps.append((at + space, at + space + size))
        at += space + size
    return gaps


def _cut(total: int, parts: int, rng: Random) -> list[int]:
    """Cut a length at random into so many parts, none of them empty."""
    edges = [0, *sorted(rng.sample(range(1, total), parts - 1)), total]
    return [later - earlier for earlier, later in zip(edges, edges[1:], strict=False)]
