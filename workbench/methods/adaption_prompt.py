"""LLaMA-Adapter: the upper blocks look at learned prompts too, through a gate that starts shut."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import TASKS, tuned_by, wrap
from workbench.methods.rates import narrowed

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-1
SERVED = ("llama", "mistral")  # model types whose attention PEFT knows, beside GPT-2's, which it calls otherwise
ATTENTION = "self_attn"
LOWEST = 2  # blocks that see no prompt; with 10 vectors in 30 of 32 LLaMA 7B has the 1.2 million of the abstract


@dataclass(frozen=True)
class AdaptionPrompt(Method):
    """In each of the upper blocks the queries attend to a few learned vectors as well, and a gate lets the result in.

    Formula: y = O (attention(Q, K, V) + gate * attention(Q, K(P), V(P))); P (length, width) random, gate 0 at first.
    Paper: Zhang et al. 2023, arXiv:2303.16199.
    """

    name: ClassVar[str] = "adaption_prompt"
    title: ClassVar[str] = "LLaMA-Adapter"
    plain: ClassVar[str] = "Upper blocks may look at a few learned vectors, through a gate that opens in training."
    idea: ClassVar[str] = (
        "Prompts that start at random disturb a model before they help it. Here each block has attention of its own "
        "for its prompt, and a gate that starts at zero lets in no more of it than training finds useful."
    )
    formula: ClassVar[str] = "y = O (attention(Q, K, V) + gate * attention(Q, K(P), V(P))), only P and gate move"
    paper: ClassVar[str] = "Zhang et al. 2023, arXiv:2303.16199"
    when: ClassVar[str] = (
        "Use it to teach a Llama to follow instructions while its weights stay untouched. In a small model LoRA and "
        "adapters learn much more."
    )
    finding: ClassVar[str] = (
        "LLaMA with 7 billion parameters learned to follow instructions from 52,000 examples in less than an hour on "
        "8 A100s, and only 1.2 million numbers moved. Its answers were comparable to those of Alpaca, in which all "
        "parameters had moved."
    )
    order: ClassVar[int] = 133
    peft_config: ClassVar[str] = "AdaptionPromptConfig"

    length: int = knob(10, "learned vectors that each block may look at", low=1, high=2048)
    blocks: int = knob(
        0, f"how many blocks have them, counted from the output; 0 takes all but the lowest {LOWEST}", low=0, high=1024
    )

    def default_learning_rate(self, card: ModelCard) -> float:
        """Prompts that start as far out as normalised signals bear a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, and in each of the upper blocks a prompt and its gate."""
        blocks = self.adapted(card)
        attention = {block: _attention(card, block) for block in blocks}
        added = [
            Piece(f"{attention[block]}.{name}", shape, "attention_prompt", block, "added", formula)
            for block in blocks
            for name, shape, formula in (
                ("adaption_prompt", (1, self.length, card.width), "length * width"),
                ("adaption_gate", (1,), "1"),
            )
        ]
        return Anatomy((*(_moved(piece, attention) for piece in frozen(card.pieces)), *added))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's attention."""
        from peft import AdaptionPromptConfig

        from workbench.methods.tuners.gated import install

        install()
        config = AdaptionPromptConfig(
            task_type=TASKS[card.kind],
            adapter_len=self.length,
            adapter_layers=len(self.adapted(card)),
            target_modules=ATTENTION,
        )
        return tuned_by(wrap(model, config, card, generator))

    def adapted(self, card: ModelCard) -> range:
        """The numbers of the blocks that have a prompt.

        Raises:
            SpecError: PEFT knows no such attention, or there are fewer blocks.
        """
        if card.config.get("model_type") not in SERVED or card.heads * card.head_width != card.width:
            allowed = "a Llama or a Mistral whose heads are together as wide as the model"
            raise SpecError("the model for adaption_prompt", card.name, allowed, "Try prefix, which serves any model.")
        if self.blocks > card.depth:
            allowed = f"0 to {card.depth}, the blocks that {card.name} has"
            raise SpecError("adaption_prompt:blocks", self.blocks, allowed)
        return range(card.depth - (self.blocks or max(1, card.depth - LOWEST)), card.depth)


def _attention(card: ModelCard, block: int) -> str:
    """The name of a block's attention."""
    (query,) = (piece for piece in card.weights("attention_query") if piece.block == block)
    return query.name.partition(f".{ATTENTION}.")[0] + f".{ATTENTION}"


def _moved(piece: Piece, attention: dict[int, str]) -> Piece:
    """A piece of the base by the name that it has where PEFT has put its own attention around the base's."""
    before = attention.get(-1 if piece.block is None else piece.block, "")
    if not before or not piece.name.startswith(f"{before}."):
        return piece
    return replace(piece, name=f"{before}.model.{piece.name.removeprefix(f'{before}.')}")
