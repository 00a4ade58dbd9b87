"""How much memory a run will need, from its anatomy alone, before anything is built.

The activation terms count what the backward pass keeps, in the manner of Korthikanti et al. 2022,
arXiv:2205.05198, section 4.1, for attention that never writes its time * time table to memory.
"""

from dataclasses import dataclass

from workbench.anatomy import Anatomy
from workbench.card import ModelCard

GRADIENT_BYTES = 4
MOMENT_BYTES = 8  # AdamW keeps two running means in float32
LOGIT_BYTES = 4  # the loss is computed in float32
WRITTEN_OUT = ("gelu_new", "gelu_fast")  # computed by transformers in steps, each of which keeps its input
ATTENTION_READERS = ("attention_query", "attention_key", "attention_value", "attention_fused")
FEED_FORWARD_READERS = ("feed_forward_up", "feed_forward_gate")
INPUT_ROLES = ("embedding", "position_embedding", "segment_embedding", "embedding_norm", "embedding_projection")


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes of one run by what they are for; the runtime's own memory (torch, kernels) is not in it."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """All parts together, in bytes."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits


@dataclass(frozen=True)
class Workload:
    """What one step computes: `tokens` an example, of which `targets` are learned (0: all of them)."""

    batch_size: int
    tokens: int
    targets: int
    bytes_per_weight: int  # of frozen weights; those that move are kept in float32
    bytes_per_activation: int  # 2 in bfloat16
    checkpointing: bool  # keep each block's input alone and compute the block again


def estimate(
    card: ModelCard,
    anatomy: Anatomy,
    batch_size: int,
    tokens: int,
    *,
    targets: int = 0,
    bytes_per_weight: int = 4,
    bytes_per_activation: int = 4,
    checkpointing: bool = False,
) -> MemoryEstimate:
    """Estimate a run's memory; what the arguments mean stands at `Workload`.

    weights      bytes_per_weight * frozen + 4 * moving. Frozen weights of a race exist once for all its runs.
    gradients    4 * moving; of MeZO and LOMO 4 * the largest tensor that moves: one at a time
    optimizer    8 * moving (AdamW's two means); none for MeZO and LOMO
    activations  see `_activations`
    logits       4 * batch * targets * vocabulary, twice with a backward pass: the logits and their gradient
    """
    work = Workload(batch_size, tokens, targets, bytes_per_weight, bytes_per_activation, checkpointing)
    moving, is_adamw = anatomy.trainable, anatomy.learns_by == "adamw"
    logits = LOGIT_BYTES * work.batch_size * (work.targets or work.tokens) * card.vocabulary
    return MemoryEstimate(
        weights=anatomy.frozen_bytes(work.bytes_per_weight) + 4 * moving,
        gradients=GRADIENT_BYTES * (moving if is_adamw else anatomy.largest_moving),
        optimizer=MOMENT_BYTES * moving if is_adamw else 0,
        activations=_activations(card, anatomy, work),
        logits=2 * logits if moving and anatomy.learns_by != "mezo" else logits,
    )


def _activations(card: ModelCard, anatomy: Anatomy, work: Workload) -> int:
    """Bytes kept for the backward pass.

    Only blocks from the lowest moving one upwards keep anything: below it no gradient passes. Where no block
    keeps anything, or each keeps its input alone, one block is at work at a time. Virtual tokens are
    positions like any other; learned keys and values only lengthen the keys and values of each layer.
    """
    positions = work.batch_size * (work.tokens + anatomy.virtual_tokens)
    blocks = range(lowest_moving_block(card, anatomy), card.depth) if anatomy.learns_by != "mezo" else range(0)
    kept = [_passing_numbers(card) + _own_numbers(card, anatomy, block) for block in blocks]
    if work.checkpointing or not kept:
        kept = [card.width] * len(kept) + [max(kept, default=_passing_numbers(card))]
    final = 2 * card.width if anatomy.trainable and anatomy.learns_by != "mezo" else 0  # into and out of the final norm
    cache = work.batch_size * anatomy.extra_cache_tokens * 2 * card.key_value_width * card.depth
    return work.bytes_per_activation * (positions * (sum(kept) + final) + cache)


def lowest_moving_block(card: ModelCard, anatomy: Anatomy) -> int:
    """Number of the lowest block that a gradient has to reach; the depth when none is reached."""
    if anatomy.virtual_tokens or anatomy.extra_cache_tokens:
        return 0
    moving = [piece for piece in anatomy.pieces if piece.state != "frozen"]
    if any(piece.block is None and piece.role in INPUT_ROLES for piece in moving):
        return 0
    return min((piece.block for piece in moving if piece.block is not None), default=card.depth)


def _passing_numbers(card: ModelCard) -> int:
    """Numbers that a gradient's way through one frozen block keeps for each position.

    Both norms' inputs (2 * width), queries and the attention's output (2 * heads * head width), keys and
    values, and the feed-forward's inner signals: into the nonlinearity, and both factors of a gate.
    """
    is_gated = any(piece.role == "feed_forward_gate" for piece in card.pieces)
    inner = 3 if is_gated else 1
    if _nonlinearity(card) in WRITTEN_OUT:
        inner += 3
    attention = 2 * card.heads * card.head_width + 2 * card.key_value_width
    return 2 * card.width + attention + inner * card.feed_forward


def _own_numbers(card: ModelCard, anatomy: Anatomy, block: int) -> int:
    """Numbers that one block keeps for each position because its own matrices move: what they are given."""
    moving = [p for p in anatomy.pieces if p.block == block and p.state != "frozen" and len(p.shape) > 1]
    added = {piece.role for piece in moving if piece.state == "added"}
    sizes = {(piece.role, size) for piece in moving for size in piece.shape}
    numbers = 0
    for roles in (ATTENTION_READERS, FEED_FORWARD_READERS):
        if any((role, card.width) in sizes for role in roles):
            numbers += card.width
    if ("feed_forward_down", card.feed_forward) in sizes:
        numbers += card.feed_forward
    elif "feed_forward_down" in added:  # an adapter reads the output
        numbers += card.width
    return numbers + (card.width if "attention_output" in added else 0)


def _nonlinearity(card: ModelCard) -> str:
    """The feed-forward's nonlinearity by its name in config.json; GPT-2's is not always written there."""
    silent = "gelu_new" if card.config.get("model_type") == "gpt2" else ""
    return str(card.config.get("activation_function") or card.config.get("hidden_act") or silent)
