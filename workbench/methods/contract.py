"""What every tuning method says of itself and does to a model."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.methods.regular import Regular

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass
class Tuned:
    """A model with a method applied.

    `movable`: every parameter that may move in this run, thawed yet or not, by its name in the model.
    `without()`: a context in which the model is the base again (for its reference and for forgetting).
    `rates`: factors on the learning rate by parameter name, where they are not 1.
    `memory`: tensors that the method keeps from step to step; checkpoints hold them.
    `regular`: what is added to the loss or done to the weights in training.
    `weights`: where weights of the base are computed anew, what they are at the moment, by the base's names.
    `penalty`: what is added to the loss for each target, in nats; it is not in the loss that is told.
    `kept`: what an artifact holds, where that is not what moves.
    `moved`: weights of the base that move beside what PEFT holds, by the base's names.
    `within`: a second PEFT model over the same base, where a method is two of PEFT's.
    `told`: what a person can read of what was learned, words say; known at a run's end, kept with the artifact.
    """

    model: "torch.nn.Module"
    movable: dict[str, "torch.nn.Parameter"]
    without: Callable[[], AbstractContextManager[object]]
    rates: dict[str, float] = field(default_factory=dict)
    memory: dict[str, "torch.Tensor"] = field(default_factory=dict)
    regular: Regular | None = None
    weights: "Callable[[], Mapping[str, torch.Tensor]] | None" = None
    penalty: "Callable[[], torch.Tensor] | None" = None
    kept: "Callable[[], Mapping[str, torch.Tensor]] | None" = None
    moved: dict[str, "torch.nn.Parameter"] = field(default_factory=dict)
    within: "PeftModel | None" = None
    told: "dict[str, Any]" = field(default_factory=dict)


class Method(ABC):
    """A way of tuning; a frozen dataclass whose fields are its knobs.

    The class says `name`, `title`, `plain` (what it does in plain words), `idea` (two sentences),
    `formula`, `paper`, `when` (to use it) and `finding` (what the paper found, with its own figures).
    `starts_at_base`: before the first step the model answers as the base does.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    plain: ClassVar[str]
    idea: ClassVar[str]
    formula: ClassVar[str]
    paper: ClassVar[str]
    when: ClassVar[str]
    finding: ClassVar[str]
    order: ClassVar[int] = 100
    starts_at_base: ClassVar[bool] = True
    taught: ClassVar[bool] = False  # a lesson is about it; forms show these first
    trains: ClassVar[bool] = True  # False: nothing moves, the run only evaluates
    peft_config: ClassVar[str] = ""  # PEFT's config class, where the artifact is a folder of PEFT's
    packages: ClassVar[tuple[str, ...]] = ()  # what applying it needs beside torch, transformers and PEFT

    @property
    def shots(self) -> int:
        """How many worked examples stand in the prompt."""
        return 0

    @property
    def work(self) -> float:
        """How many times as long a step takes as it would if the batch were read once, there and back."""
        return 1.0

    @abstractmethod
    def default_learning_rate(self, card: ModelCard) -> float:
        """The rate that bench/sweep.py chose, scaled to this model's width."""

    @abstractmethod
    def anatomy(self, card: ModelCard) -> Anatomy:
        """The tuned model's parameters, without building it.

        Raises:
            SpecError: this method cannot serve this model, or a knob does not fit it.
        """

    @abstractmethod
    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Put the method on a model whose weights may be shared with other runs.

        Frozen weights must never be written to; a weight that is to move is cloned first.
        `generator` (on the CPU) decides every random start.
        """

    def prepare(self, model: "torch.nn.Module", whole: bool = False) -> object:  # noqa: B027 - most leave it as it is
        """Change the module tree of a base as it has to be before what was learned is put back on it.

        `whole`: so that what was learned can be added into its weights.
        """

    def rebuild(
        self, base: "Mapping[str, nn.Parameter]", held: "Mapping[str, torch.Tensor]"
    ) -> "dict[str, torch.Tensor]":
        """The tuned weights by name, made of what an artifact holds and of the base's in their order.

        Raises:
            KeyError, ValueError or RuntimeError: the artifact does not fit this base.
        """
        return dict(held)

    def on_progress(self, tuned: Tuned, done: float) -> None:  # noqa: B027 - most methods have nothing to do
        """Called before each step with the fraction of the steps done; gradual unfreezing lives here."""


def check_packages(method: Method) -> None:
    """Make sure that what the method needs is installed.

    Raises:
        SpecError: a package is missing.
    """
    for package in method.packages:
        if find_spec(package) is None:
            allowed = f"a method that needs no {package}"
            raise SpecError("method", method.name, allowed, f"`pip install {package}` makes it work.")
