"""Catastrophic forgetting."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class Forgetting(Idea):
    """While a model learns a task, it may get worse at what it could do before."""

    name: ClassVar[str] = "forgetting"
    title: ClassVar[str] = "What gets lost on the way"
    term: ClassVar[str] = "catastrophic forgetting"
    plain: ClassVar[str] = "While a model learns a task, it may get worse at what it could do before."
    idea: ClassVar[str] = (
        "Nobody asks the new task's examples whether the old knowledge still stands. So each run is also tested on "
        "the base model's own domain, on the kind of text that it was pretrained on; how much the loss rises there "
        "is what it forgot. Large steps forget more. A method with few numbers is no protection, if it needs a high "
        "learning rate. And what is kept aside can be switched off: then the base is back, to the last bit."
    )
    formula: ClassVar[str] = "forgetting = loss on the old domain after tuning - loss there before"
    measured: ClassVar[str] = (
        "On describe full tuning forgets 0.151 ± 0.012, LoRA 1.169 ± 0.331, (IA)3 3.063 ± 0.316 and BitFit 3.900 ± "
        "0.200 nats per token."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure(
        "measured",
        "Forgetting after describe",
        ("full", "feature_based", "adapter", "lora", "ia3", "bitfit"),
        ((0.151, 0.012), (0.202, 0.011), (0.633, 0.095), (1.169, 0.331), (3.063, 0.316), (3.9, 0.2)),
        "nats per token",
    )
    race: ClassVar[Race] = Race(("full", "feature_based", "lora", "ia3", "bitfit"))
    paper: ClassVar[str] = (
        "McCloskey and Cohen 1989, Catastrophic Interference in Connectionist Networks; Biderman et al. 2024, "
        "arXiv:2405.09673"
    )
    order: ClassVar[int] = 80
