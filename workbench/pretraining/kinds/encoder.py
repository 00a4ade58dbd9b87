"""An encoder learns tokens that were masked from those on both sides."""

from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.pretraining.examine_gaps import examine_masks, held_out
from workbench.pretraining.kinds.contract import Kind, Row
from workbench.tasks.gaps import hide_tokens

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.pretraining.recipe import Recipe

START, BETWEEN, MASK = "[CLS]", "[SEP]", "[MASK]"
IN_TWO = 0.5  # of the documents: cut in two, so that both segments are known


class Encoder(Kind):
    """A BERT without next-sentence prediction, which RoBERTa found no use for (Liu et al. 2019, section 4.2)."""

    name: ClassVar[str] = "encoder"
    sentence: ClassVar[str] = "A BERT encoder, which learned masked tokens (30 %, no next-sentence prediction)"
    order: ClassVar[int] = 20
    reserved: ClassVar[int] = 3

    def tokenizer(self, shared: "PreTrainedTokenizerBase") -> "PreTrainedTokenizerBase":
        """With BERT's three marks."""
        shared.add_special_tokens({"cls_token": START, "sep_token": BETWEEN, "mask_token": MASK})
        return shared

    def build(self, recipe: "Recipe", tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
        """The encoder, randomly started."""
        import torch
        from transformers import BertConfig, BertForMaskedLM

        torch.manual_seed(recipe.seed)
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=recipe.width,
            intermediate_size=recipe.feed_forward,
            num_hidden_layers=recipe.depth,
            num_attention_heads=recipe.heads,
            max_position_embeddings=recipe.context,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=tokenizer.pad_token_id,
            sep_token_id=tokenizer.sep_token_id,
        )
        return BertForMaskedLM(config)

    def row(self, document: list[int], tokenizer: "PreTrainedTokenizerBase", rng: Random) -> Row:
        """[CLS] document [SEP], or [CLS] one part [SEP] the other [SEP], some tokens masked."""
        ids, between = document[1:-1], tokenizer.sep_token_id
        cut = rng.randrange(1, len(ids)) if len(ids) > 1 and rng.random() < IN_TWO else 0
        whole = [tokenizer.cls_token_id, *ids[:cut], *([between] if cut else []), *ids[cut:], between]
        return hide_tokens(whole, tokenizer, rng)

    def logits(self, model: Any, ids: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
        """Padding is hidden; what follows the first [SEP] is the second segment."""
        between = model.config.sep_token_id
        ends = ids == between
        second = (ends.cumsum(1) - ends.long()).clamp(max=1)
        mask = ids != model.config.pad_token_id
        return model(input_ids=ids, attention_mask=mask, token_type_ids=second).logits  # type: ignore[no-any-return]

    def examine(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> dict[str, float]:
        """Masked words, and questions whose answer is masked."""
        return examine_masks(self, model, tokenizer, count)

    def held_out_loss(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> float:
        """Of the masked tokens, which are drawn anew in the same way each time."""
        return held_out(self, model, tokenizer, count)[0]
