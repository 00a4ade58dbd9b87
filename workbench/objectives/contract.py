"""What every objective says of itself and computes."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from workbench.units import PER_TOKEN

if TYPE_CHECKING:
    import torch


class Objective(ABC):
    """Something to minimise; a frozen dataclass whose fields are its knobs.

    `by_head`: a new layer over the task's labels answers, not the model's output head. `unit`: what the loss
    is told in.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    plain: ClassVar[str]
    idea: ClassVar[str]
    formula: ClassVar[str]
    paper: ClassVar[str]
    needs: ClassVar[str] = "prompt and target"
    by_head: ClassVar[bool] = False
    unit: ClassVar[str] = PER_TOKEN
    order: ClassVar[int] = 100

    @abstractmethod
    def loss(self, logits: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
        """Summed loss in nats; logits (targets, vocab) stand for the labels (targets,) to be predicted."""
