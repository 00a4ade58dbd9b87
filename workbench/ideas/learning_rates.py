"""Learning rate."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class LearningRates(Idea):
    """How far the numbers go in a step has to fit the way of tuning."""

    name: ClassVar[str] = "learning_rates"
    title: ClassVar[str] = "Each way at its own pace"
    term: ClassVar[str] = "learning rate"
    plain: ClassVar[str] = "How far the numbers go in a step has to fit the way of tuning."
    idea: ClassVar[str] = (
        "The learning rate is the length of a step. Full tuning moves everything at once, so small steps change the "
        "model much. A few biases, scales or vectors of a prompt have to go much further for the same effect. Too "
        "low a rate looks like a method that cannot learn, too high a rate breaks it. Whoever compares methods at "
        "one rate for all compares rates. The race below gives full tuning's rate to all."
    )
    formula: ClassVar[str] = "W <- W - rate * Adam(dL/dW)"
    measured: ClassVar[str] = (
        "Best rates differ a hundredfold: 1e-3 for full tuning, 1e-2 for LoRA, 1e-1 for BitFit and prompt tuning. "
        "At 3e-2 LoRA breaks: 2.93 on describe. One seed."
    )
    source: ClassVar[str] = "Learning rates"
    figure: ClassVar[Figure] = Figure(
        "rates", "Default learning rates in pocket-gpt", ("full", "adapter", "lora", "ia3", "bitfit", "prompt")
    )
    race: ClassVar[Race] = Race(("full", "lora", "bitfit", "prompt"), budget={"learning_rate": "0.001"})
    paper: ClassVar[str] = "Yang et al. 2022, arXiv:2203.03466"
    order: ClassVar[int] = 90
