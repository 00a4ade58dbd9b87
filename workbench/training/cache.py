"""A cache of keys and values with room to grow: transformers' own copies everything for each new token."""

from typing import Any

import torch
from transformers.cache_utils import DynamicLayer

SPARE = 64  # positions of room that are added when it is used up


class RoomyLayer(DynamicLayer):  # type: ignore[no-untyped-call]
    """The keys and values of one layer, (batch, heads, time, head width), at the start of a larger tensor.

    With 64 rows of the pocket model, copying took half of all time spent on writing.
    """

    _key_room: torch.Tensor | None = None
    _value_room: torch.Tensor | None = None

    @staticmethod
    def of(layer: DynamicLayer, dtype: torch.dtype | None) -> "RoomyLayer":
        """What the layer holds, in another number format if one is given."""
        assert layer.keys is not None and layer.values is not None
        roomy = RoomyLayer()  # type: ignore[no-untyped-call]
        roomy.lazy_initialization(layer.keys, layer.values)
        roomy.keys, roomy.values = (
            layer.keys.to(dtype or layer.keys.dtype),
            layer.values.to(dtype or layer.values.dtype),
        )
        return roomy

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add the keys and values of new positions; returns all there are."""
        assert self.keys is not None and self.values is not None
        self._key_room, self.keys = _append(self._key_room, self.keys, key_states)
        self._value_room, self.values = _append(self._value_room, self.values, value_states)
        return self.keys, self.values


def make_room(cache: Any, dtype: torch.dtype | None = None) -> None:
    """Let the plain layers of a filled cache grow in place; layers that forget (sliding windows) stay as they are."""
    cache.layers = [RoomyLayer.of(layer, dtype) if type(layer) is DynamicLayer else layer for layer in cache.layers]


def _append(room: torch.Tensor | None, held: torch.Tensor, new: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The room and what it holds, with the new positions behind; a larger room where this one is too small.

    `held` begins where the room begins, unless rows were dropped from it since, which makes a copy.
    """
    before, after = held.shape[-2], held.shape[-2] + new.shape[-2]
    if room is None or room.data_ptr() != held.data_ptr() or after > room.shape[-2]:
        room = held.new_empty((*held.shape[:-2], after + SPARE, held.shape[-1]))
        room[..., :before, :] = held
    room[..., before:after, :] = new
    return room, room[..., :after, :]
