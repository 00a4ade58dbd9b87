"""Read a config file's numbers with care, and write down the parameters of a layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.anatomy import Piece
from workbench.errors import ModelError

# Far beyond any published model; a config that asks for more is broken or hostile.
LIMITS = {"vocabulary": 4_000_000, "width": 131_072, "depth": 1024, "heads": 4096, "positions": 16_777_216}


@dataclass(frozen=True)
class Facts:
    """The content of a config file, read field by field; `name` is the model's, for messages."""

    name: str
    config: Mapping[str, Any]

    def number(self, kind: str, *keys: str, default: int | None = None) -> int:
        """The first of these fields that is there, a whole number from 1 to the limit of its kind.

        Raises:
            ModelError: none is there and no default is known, or the value is not such a number.
        """
        for key in keys:
            value = self.config.get(key)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LIMITS[kind]:
                allowed = f"a whole number from 1 to {LIMITS[kind]}"
                raise ModelError(f"{self.name}: {key} in config.json is {value!r}, but it has to be {allowed}.")
            return value
        if default is None:
            raise ModelError(f"{self.name}: config.json does not say {keys[0]}, without which its shape is unknown.")
        return default

    def flag(self, key: str, default: bool) -> bool:
        """A field that is true or false; null counts as absent.

        Raises:
            ModelError: the value is neither.
        """
        value = self.config.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ModelError(f"{self.name}: {key} in config.json is {value!r}, but it has to be true or false.")
        return value

    def divided(self, width: int, parts: int, what: str) -> int:
        """`width / parts`, which has to be whole.

        Raises:
            ModelError: it is not.
        """
        if width % parts:
            raise ModelError(f"{self.name}: {width} in config.json cannot be divided by its {parts} {what}.")
        return width // parts

    def refuse(self, keys: tuple[str, ...], family: str) -> None:
        """Refuse a config that switches on something which this family's layers do not have.

        Raises:
            ModelError: one of these fields is set.
        """
        for key in keys:
            if self.config.get(key):
                value = f"{key} in config.json is {self.config[key]!r}"
                raise ModelError(f"{self.name}: {value}, which the {family} family does not serve.")


def linear(name: str, outputs: int, inputs: int, role: str, block: int | None, bias: bool) -> list[Piece]:
    """Weight (outputs, inputs) of torch's Linear and, where it has one, its bias (outputs,)."""
    weight = Piece(f"{name}.weight", (outputs, inputs), role, block)
    return [weight, Piece(f"{name}.bias", (outputs,), role, block)] if bias else [weight]


def transposed_linear(name: str, outputs: int, inputs: int, role: str, block: int | None) -> list[Piece]:
    """Weight (inputs, outputs) and bias (outputs,) of GPT-2's Conv1D."""
    return [Piece(f"{name}.weight", (inputs, outputs), role, block), Piece(f"{name}.bias", (outputs,), role, block)]


def norm(name: str, width: int, role: str, block: int | None, bias: bool) -> list[Piece]:
    """Scale (width,) of an RMSNorm, and the shift (width,) beside it in a LayerNorm."""
    scale = Piece(f"{name}.weight", (width,), role, block)
    return [scale, Piece(f"{name}.bias", (width,), role, block)] if bias else [scale]


def table(name: str, rows: int, width: int, role: str) -> list[Piece]:
    """An embedding table (rows, width), or an output head of the same shape."""
    return [Piece(f"{name}.weight", (rows, width), role)]
