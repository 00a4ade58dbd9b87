"""A decoder learns each token from those before it."""

from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.pretraining.examine import examine, held_out_loss, sampled
from workbench.pretraining.kinds.contract import Kind, Row

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.pretraining.recipe import Recipe


class Decoder(Kind):
    """A Llama with biases in attention and feed-forward layers and tied embeddings."""

    name: ClassVar[str] = "decoder"
    sentence: ClassVar[str] = "A Llama-family decoder with biases, which learned each next token"
    order: ClassVar[int] = 10

    def build(self, recipe: "Recipe", tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
        """The decoder, randomly started."""
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM

        torch.manual_seed(recipe.seed)
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=recipe.width,
            intermediate_size=recipe.feed_forward,
            num_hidden_layers=recipe.depth,
            num_attention_heads=recipe.heads,
            num_key_value_heads=recipe.heads,
            max_position_embeddings=recipe.context,
            attention_bias=True,
            mlp_bias=True,
            tie_word_embeddings=True,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
        return LlamaForCausalLM(config)

    def row(self, document: list[int], tokenizer: "PreTrainedTokenizerBase", rng: Random) -> Row:
        """The document, and the same one token later."""
        return document[:-1], document[1:]

    def logits(self, model: Any, ids: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
        """Causal: nothing before the padding sees it, so no mask is needed."""
        return model(input_ids=ids, use_cache=False).logits  # type: ignore[no-any-return]

    def examine(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> dict[str, float]:
        """Stories and snippets that it writes, questions that it answers."""
        return examine(model, tokenizer, count)

    def held_out_loss(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> float:
        """Of every token, end marks included."""
        return held_out_loss(model, tokenizer, count)

    def sampled(
        self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int, temperature: float
    ) -> dict[str, float]:
        """Stories and snippets."""
        return sampled(model, tokenizer, count, temperature)
