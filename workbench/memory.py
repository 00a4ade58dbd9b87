"""How much memory a run will need, from its anatomy alone, before anything is built."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.activations import kept_by_block, passing_numbers
from workbench.anatomy import Anatomy, thaw
from workbench.card import ModelCard

GRADIENT_BYTES = 4
MOMENT_BYTES = 8  # AdamW keeps two running means in float32
LOGIT_BYTES = 4  # the loss is computed in float32


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes of one run by what they are for, each at its largest; the runtime's own (torch, kernels) are not in it.

    `total` is the most at one moment. It is less than the sum of the parts: while gradients come, activations go.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int
    logits: int
    total: int


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
    optimizer    8 * moving (AdamW's two means); none for MeZO, LOMO and a search
    activations  see `_activations`
    logits       4 * batch * targets * vocabulary, for the logits and what the loss makes of them, and with a backward
                 pass for their gradient
    Activations and logits are kept for each of the passes that one backward pass goes through, as under each prompt
    of a mixture.
    """
    work = Workload(batch_size, tokens, targets, bytes_per_weight, bytes_per_activation, checkpointing)
    moving, is_adamw = anatomy.trainable, anatomy.learns_by == "adamw"
    logits = anatomy.passes * LOGIT_BYTES * work.batch_size * (work.targets or work.tokens) * card.vocabulary
    held = anatomy.frozen_bytes(work.bytes_per_weight) + 4 * (moving + anatomy.computed)
    optimizer = MOMENT_BYTES * moving if is_adamw else 0
    goes_back = moving and anatomy.learns_by != "mezo"
    return MemoryEstimate(
        weights=held,
        gradients=GRADIENT_BYTES * (moving if is_adamw else anatomy.largest_moving),
        optimizer=optimizer,
        activations=sum(_activations(card, anatomy, work)),
        logits=(3 if goes_back else 2) * logits,
        total=held + optimizer + max(_moments(card, anatomy, work, logits)),
    )


def _activations(card: ModelCard, anatomy: Anatomy, work: Workload) -> list[int]:
    """Bytes kept for the backward pass: by block, from the lowest, then what belongs to no block.

    Only blocks from the lowest moving one upwards keep anything: below it no gradient passes. Where no block
    keeps anything, or each keeps its input alone, one block is at work at a time. A block that is gone through several
    times keeps as much each time. Virtual tokens are positions like any other; learned keys and values only lengthen
    the keys and values of each layer.
    """
    if anatomy.computed:  # each weight that is computed needs a gradient, as if it moved by itself
        anatomy = replace(anatomy, pieces=thaw(anatomy.pieces, {piece.name for piece in anatomy.pieces}))
    positions = anatomy.passes * work.batch_size * (work.tokens + anatomy.virtual_tokens)
    kept = kept_by_block(card, anatomy, work.tokens + anatomy.virtual_tokens)
    outside = 0
    if work.checkpointing or not any(kept):
        outside = max(kept) or max(passing_numbers(card, block) for block in range(card.depth))
        kept = [card.width if numbers else 0 for numbers in kept]
    kept = [card.passes * numbers for numbers in kept]
    if anatomy.trainable and anatomy.learns_by != "mezo":
        outside += 2 * card.width  # into and out of the final norm
    cache = work.batch_size * anatomy.extra_cache_tokens * 2 * card.key_value_width * card.depth
    return [work.bytes_per_activation * part for part in (*(positions * n for n in kept), positions * outside + cache)]


def _moments(card: ModelCard, anatomy: Anatomy, work: Workload, logits: int) -> Iterator[int]:
    """Bytes beside weights and optimizer at the moments when they may be most: at the loss, and block by block back."""
    *blocks, outside = _activations(card, anatomy, work)
    largest = GRADIENT_BYTES * anatomy.largest_moving
    if not anatomy.trainable or anatomy.learns_by == "mezo":
        yield sum(blocks) + outside + 2 * logits
        yield largest if anatomy.trainable else 0  # one tensor of MeZO's direction
        return
    arriving = _gradients(card, anatomy)
    head = arriving[card.depth]
    yield sum(blocks) + outside + 3 * logits
    yield sum(blocks) + outside + 2 * logits + head
    keeps, came = anatomy.learns_by != "lomo", head if card.tied else 0  # a tied head's waits for the embedding's
    if keeps:
        came = head
    for block in reversed(range(card.depth)):
        yield sum(blocks[: block + 1]) + came + (arriving[block] if keeps else 2 * arriving[block])
        came += arriving[block] if keeps else 0
    embedding = arriving[-1]
    yield came + embedding + (head if card.tied else 0) + (0 if keeps else embedding)


def _gradients(card: ModelCard, anatomy: Anatomy) -> list[int]:
    """Bytes of gradients by block; then the head's, then the embedding's (nothing more where they share theirs).

    LOMO drops each tensor's gradient before the next comes, so of a block its largest tensor counts.
    """
    places: list[list[int]] = [[] for _ in range(card.depth + 2)]
    for piece in anatomy.pieces:
        if piece.state != "frozen":
            is_tied_table = card.tied and piece.role == "embedding"
            outside = card.depth if is_tied_table or piece.role in ("output_head", "final_norm") else card.depth + 1
            places[outside if piece.block is None else piece.block].append(GRADIENT_BYTES * piece.count)
    whole = anatomy.learns_by == "adamw"
    return [(sum(place) if whole else max(place, default=0)) for place in places]
