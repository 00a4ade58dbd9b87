"""Choose among a task's labels with a new head."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.objectives.contract import Objective
from workbench.objectives.language_modelling import LanguageModelling
from workbench.units import PER_ANSWER

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Classification(Objective):
    """Cross-entropy of a new linear layer over the labels, which reads a state of the model.

    The states are those that the output head would read: of a decoder the one at the last token of the prompt (Radford
    et al. 2018, section 3.2), of an encoder the mean over all tokens (Reimers and Gurevych 2019, arXiv:1908.10084,
    section 3), of an encoder-decoder the one where its decoder starts (Ni et al. 2021, arXiv:2108.08877, section 3).
    """

    name: ClassVar[str] = "classification"
    title: ClassVar[str] = "Classification head"
    plain: ClassVar[str] = "A new layer picks one of the task's labels; every way of tuning trains it as well."
    idea: ClassVar[str] = (
        "A new layer with a row for each label reads the state of the model, and the label with the highest value is "
        "the answer. It starts at random, so all methods train it; the loss is in nats per answer."
    )
    formula: ClassVar[str] = "loss = -mean log softmax(W h + b)[label], W and b new"
    paper: ClassVar[str] = "Devlin et al. 2018, arXiv:1810.04805"
    needs: ClassVar[str] = "labels"
    by_head: ClassVar[bool] = True
    unit: ClassVar[str] = PER_ANSWER
    order: ClassVar[int] = 110

    def loss(self, logits: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
        """Summed cross-entropy in nats; logits (examples, labels), labels (examples,) their numbers.

        On the base's own texts the logits are the output head's, (targets, vocab).
        """
        return LanguageModelling().loss(logits, labels)
