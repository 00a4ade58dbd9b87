"""Soft prompt."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class SoftPrompts(Idea):
    """A soft prompt is 20 learned vectors put before your text; no word stands for them."""

    name: ClassVar[str] = "soft_prompts"
    title: ClassVar[str] = "Learned vectors before the text"
    term: ClassVar[str] = "soft prompt"
    plain: ClassVar[str] = "A soft prompt is 20 learned vectors put before your text; no word stands for them."
    idea: ClassVar[str] = (
        "A model turns each token into a vector and reads on from there. So an instruction need not be made of "
        "words: vectors can be learned in its place, by the same training as any weight. The model stays untouched, "
        "and a task is a file of a few kilobytes. A soft prompt calls up what the model knows, more than it teaches "
        "something new; so it works the better, the larger the model is."
    )
    formula: ClassVar[str] = "y = f([P; E(x)]), only the vectors P move"
    measured: ClassVar[str] = (
        "In this small model prompt tuning moves 0.13 % of the numbers. Its loss ends at 1.943 ± 0.047 on describe, "
        "behind training from scratch with 1.356 ± 0.037."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure("xray", "Prompt tuning", ("prompt",))
    race: ClassVar[Race] = Race(("none", "none:examples=4", "prompt", "prefix", "p_tuning"))
    paper: ClassVar[str] = "Lester et al. 2021, arXiv:2104.08691"
    order: ClassVar[int] = 60
