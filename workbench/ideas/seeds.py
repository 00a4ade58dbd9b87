"""Seeds and spread."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class Seeds(Idea):
    """The same race from another random start ends a little differently, so one race is not a finding."""

    name: ClassVar[str] = "seeds"
    title: ClassVar[str] = "Luck, and how to see it"
    term: ClassVar[str] = "seeds and spread"
    plain: ClassVar[str] = (
        "The same race from another random start ends a little differently, so one race is not a finding."
    )
    idea: ClassVar[str] = (
        "A seed decides which examples come, in what order, and what new weights start as. Change it, and every "
        "number changes a little. Only repeats show whether a difference between two methods is larger than luck: "
        "race them from several seeds and compare the distance of the means with the spread. Where the spreads "
        "overlap, the honest answer is that nobody knows yet."
    )
    formula: ClassVar[str] = "spread = sqrt(sum of (x - mean)^2 / (seeds - 1))"
    measured: ClassVar[str] = (
        "Three seeds on instructions: full tuning scores 0.252 ± 0.011 and LoRA 0.258 ± 0.045. The difference is "
        "less than the spread, so nobody can say which is better."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure(
        "measured",
        "Score on instructions",
        ("full", "lora", "gradual_unfreezing", "last_layers", "adapter"),
        ((0.252, 0.011), (0.258, 0.045), (0.214, 0.014), (0.204, 0.039), (0.186, 0.029)),
        "exact match",
    )
    race: ClassVar[Race] = Race(("full", "lora"), task="instructions", seeds=3)
    paper: ClassVar[str] = "Dodge et al. 2020, arXiv:2002.06305"
    order: ClassVar[int] = 100
