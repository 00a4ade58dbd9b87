"""Frozen and trained parameters."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class FrozenAndTrained(Idea):
    """A model is a heap of numbers, and a way of tuning says which of them may move."""

    name: ClassVar[str] = "frozen_and_trained"
    title: ClassVar[str] = "What stays and what moves"
    term: ClassVar[str] = "frozen and trained parameters"
    plain: ClassVar[str] = "A model is a heap of numbers, and a way of tuning says which of them may move."
    idea: ClassVar[str] = (
        "Training changes numbers a little at every step. A frozen number is used but never changed, a trained one "
        "moves, and an added one is new and moves. Frozen numbers can be shared by all runs and all tasks; only the "
        "others have to be stored for each. So the question behind every method is the same: where must a model "
        "change for this task, and where may it stay as it is?"
    )
    formula: ClassVar[str] = "share that moves = numbers that move / all numbers"
    measured: ClassVar[str] = (
        "On describe, with 29.1 % of the numbers moving (last layers) the loss ends at 0.901 ± 0.023; with 5.42 % "
        "in other places (LoRA) it ends at 0.809 ± 0.009. So it counts where numbers move, not only how many."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure("xray", "Last layers", ("last_layers",))
    race: ClassVar[Race] = Race(("last_layers:blocks=1", "last_layers:blocks=3", "lora", "full"))
    paper: ClassVar[str] = "Yosinski et al. 2014, arXiv:1411.1792"
    order: ClassVar[int] = 20
