"""Bottleneck."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class Bottlenecks(Idea):
    """A new layer is cheap when it squeezes the signal through a narrow middle."""

    name: ClassVar[str] = "bottlenecks"
    title: ClassVar[str] = "A narrow middle"
    term: ClassVar[str] = "bottleneck"
    plain: ClassVar[str] = "A new layer is cheap when it squeezes the signal through a narrow middle."
    idea: ClassVar[str] = (
        "A layer from 192 signals to 192 others needs 36,864 weights. Down to 16 and up again needs about a sixth "
        "of that. An adapter is such a pair with a bend in between, put behind a frozen layer; what it computes is "
        "added to what came in. Its way up starts at zero, so at first it does nothing. The width of the middle is "
        "the knob: wider can learn more, and costs more."
    )
    formula: ClassVar[str] = "numbers of one adapter = 2 * width * middle + width + middle"
    measured: ClassVar[str] = (
        "Adapters as they are by default move 2.43 % of the numbers. Their loss ends at 0.912 ± 0.020 on describe, "
        "that of full tuning at 0.796 ± 0.006."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure(
        "numbers", "Numbers that move", ("adapter:width=4", "adapter:width=16", "adapter:width=64", "full")
    )
    race: ClassVar[Race] = Race(("adapter:width=4", "adapter:width=16", "adapter:width=64", "full"))
    paper: ClassVar[str] = "Houlsby et al. 2019, arXiv:1902.00751"
    order: ClassVar[int] = 70
