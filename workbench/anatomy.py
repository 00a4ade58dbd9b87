"""What a method makes of a model, parameter by parameter, known before any weight exists."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

State = Literal["frozen", "trained", "added", "reparameterised"]
LearnsBy = Literal["adamw", "mezo", "lomo", "search"]


@dataclass(frozen=True)
class Piece:
    """One parameter tensor: its name in the model, shape, block and role, and what happens to it.

    `state` is frozen (never moves), trained (a weight of the base that moves), added (new, kept after
    training) or reparameterised (new, moves in training, replaced by what it computes afterwards).
    """

    name: str
    shape: tuple[int, ...]
    role: str
    block: int | None = None  # None: outside the blocks (embeddings, final norm, head)
    state: State = "frozen"
    formula: str = ""
    bits: float = 0.0  # that a frozen number takes, its share of scales included; 0: the model's own format

    @property
    def count(self) -> int:
        """How many numbers the tensor holds."""
        return prod(self.shape)


@dataclass(frozen=True)
class Anatomy:
    """The pieces of a tuned model; every count, picture and memory estimate reads this.

    `kept` are the numbers that a saved artifact holds; None: all that are trained or added.
    `learns_by` is how weights move: by AdamW, by forward passes alone (MeZO), while the backward pass is on its
    way (LOMO), or from one word's vector to another's (search); it decides what gradients and moments take.
    `computed`: numbers that a step holds where every weight of the base is computed anew from what moves.
    """

    pieces: tuple[Piece, ...]
    kept: int | None = None
    notes: tuple[str, ...] = ()
    virtual_tokens: int = 0  # positions put before every input
    extra_cache_tokens: int = 0  # positions put before the keys and values of every layer
    learns_by: LearnsBy = "adamw"
    computed: int = 0
    passes: int = 1  # forward passes that one backward pass goes back through, as under several prompts

    @property
    def largest_moving(self) -> int:
        """Numbers of the largest tensor that may move."""
        return max((piece.count for piece in self.pieces if piece.state != "frozen"), default=0)

    def count(self, *states: State) -> int:
        """Numbers in the pieces of these states; of all pieces when none is named."""
        return sum(piece.count for piece in self.pieces if not states or piece.state in states)

    @property
    def total(self) -> int:
        """All numbers of the tuned model, the added ones included."""
        return self.count()

    @property
    def trainable(self) -> int:
        """Numbers that may move in training."""
        return self.count("trained", "added", "reparameterised")

    def frozen_bytes(self, bytes_per_weight: int) -> int:
        """Bytes of the weights that do not move, each in its own format or else in the model's."""
        frozen = [piece for piece in self.pieces if piece.state == "frozen"]
        return round(sum(piece.count * (piece.bits / 8 or bytes_per_weight) for piece in frozen))

    @property
    def own_weight_bytes(self) -> int:
        """Bytes of the weights that no other run of a race shares: those that move or are quantised."""
        quantised = sum(piece.count * piece.bits / 8 for piece in self.pieces if piece.bits)
        return 4 * self.trainable + round(quantised)

    @property
    def added(self) -> int:
        """Numbers that the method puts beside the base model."""
        return self.count("added", "reparameterised")

    @property
    def percent(self) -> float:
        """Trainable numbers per hundred of the tuned model."""
        return 100 * self.trainable / self.total

    @property
    def checkpoint_bytes(self) -> int:
        """Size of the saved artifact at four bytes a number."""
        kept = self.count("trained", "added") if self.kept is None else self.kept
        return 4 * kept


def frozen(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same pieces, none of which moves."""
    return tuple(replace(piece, state="frozen") for piece in pieces)


def thaw(pieces: Iterable[Piece], names: set[str]) -> tuple[Piece, ...]:
    """The same pieces, of which those named are trained."""
    return tuple(replace(piece, state="trained") if piece.name in names else piece for piece in pieces)


_TUNER, _PROMPT = "base_model.model.", "base_model."  # what PEFT puts before the base's names
_WRAPPERS = (".base_layer", ".default", ".modules_to_save", ".bottleneck_norm")


def canonical_names(names: Iterable[str]) -> dict[str, str]:
    """From each parameter name of a model to the one without what PEFT wraps around it, as anatomies write it.

    PEFT puts another prefix before the base's names where it learns a prompt, which all names together show.
    """
    listed = list(names)
    learns_prompt = any(name.startswith("prompt_encoder.") for name in listed)
    return {name: _unwrapped(name, _PROMPT if learns_prompt else _TUNER) for name in listed}


def _unwrapped(name: str, prefix: str) -> str:
    name = name.removeprefix(prefix)
    for wrapper in _WRAPPERS:
        name = name.replace(wrapper, "")
    return name
