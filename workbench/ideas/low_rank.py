"""Low rank."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class LowRank(Idea):
    """A large change of a matrix can be written as two thin matrices, when it goes in few directions."""

    name: ClassVar[str] = "low_rank"
    title: ClassVar[str] = "A change with few directions"
    term: ClassVar[str] = "low rank"
    plain: ClassVar[str] = (
        "A large change of a matrix can be written as two thin matrices, when it goes in few directions."
    )
    idea: ClassVar[str] = (
        "A full matrix of 192 by 192 has 36,864 numbers. The product of a tall matrix with 8 columns and a wide one "
        "with 8 rows has as many entries, but only 3,072 numbers make it: its rank is 8 at most. LoRA learns such a "
        "product beside each frozen matrix. The bet is that tuning needs few directions. Turn the rank and see "
        "where more stops helping."
    )
    formula: ClassVar[str] = "change of W = (alpha / rank) B A, made of rank * (inputs + outputs) numbers"
    measured: ClassVar[str] = (
        "LoRA of rank 8 moves 5.42 % of the numbers. Its loss ends at 0.809 ± 0.009 on describe; where all numbers "
        "move it ends at 0.796 ± 0.006."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure(
        "numbers", "Numbers that move", ("lora:rank=1", "lora:rank=8", "lora:rank=32", "full")
    )
    race: ClassVar[Race] = Race(("lora:rank=1:alpha=2", "lora:rank=8", "lora:rank=32:alpha=64", "full"))
    paper: ClassVar[str] = "Aghajanyan et al. 2020, arXiv:2012.13255; Hu et al. 2021, arXiv:2106.09685"
    order: ClassVar[int] = 50
