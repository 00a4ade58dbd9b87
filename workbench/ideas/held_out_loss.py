"""Held-out loss."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class HeldOutLoss(Idea):
    """The loss is the model's surprise at the right answer; held-out, at answers that it never trained on."""

    name: ClassVar[str] = "held_out_loss"
    title: ClassVar[str] = "Surprise at texts it has not seen"
    term: ClassVar[str] = "held-out loss"
    plain: ClassVar[str] = (
        "The loss is the model's surprise at the right answer; held-out, at answers that it never trained on."
    )
    idea: ClassVar[str] = (
        "At every token the model gives each possible next token a probability. The smaller it was for the one that "
        "came, the larger the loss. On training examples the loss can fall by learning them by heart, so what "
        "counts is measured on examples that were kept back. A lower loss is not yet a better answer: the score "
        "says how many answers are right."
    )
    formula: ClassVar[str] = "loss = -mean log p(token | tokens before it), in nats; perplexity = exp(loss)"
    measured: ClassVar[str] = (
        "On describe, gradual unfreezing has the lower loss, 0.900 ± 0.029 against 0.920 ± 0.010 of (IA)3, but the "
        "lower score too: 0.083 ± 0.045 against 0.201 ± 0.015."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure(
        "measured",
        "Score on describe",
        ("full", "gradual_unfreezing", "ia3"),
        ((0.227, 0.019), (0.083, 0.045), (0.201, 0.015)),
        "slot accuracy",
    )
    race: ClassVar[Race] = Race(("full", "gradual_unfreezing", "ia3"))
    paper: ClassVar[str] = "Bengio et al. 2003, A Neural Probabilistic Language Model"
    order: ClassVar[int] = 30
