"""An encoder-decoder learns to write the spans that are missing from a text."""

from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.pretraining.examine_gaps import examine_spans, held_out
from workbench.pretraining.kinds.contract import Kind, Row
from workbench.tasks.contract import IGNORED
from workbench.tasks.gaps import GAPS, gap, hide_spans

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.pretraining.recipe import Recipe


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

    @staticmethod
    def rate_factor(matrix: str, recipe: "Recipe") -> float:
        """T5 does not divide its attention scores by the root of a head's width; so its queries take smaller steps."""
        return float((recipe.width / recipe.heads) ** -0.5) if matrix.endswith(".q.weight") else 1.0

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
        read, learned = hide_spans(document[1:-1], tokenizer, rng)
        return [*read, document[-1]], [*learned, document[-1]]

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

    def held_out_loss(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> float:
        """Of the missing spans, which are drawn anew in the same way each time."""
        return held_out(self, model, tokenizer, count)[0]
