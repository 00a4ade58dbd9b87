"""Transfer learning."""

from typing import ClassVar

from workbench.ideas.contract import Figure, Idea, Race


class Transfer(Idea):
    """What a model learned from much text helps it with a new task."""

    name: ClassVar[str] = "transfer"
    title: ClassVar[str] = "A head start"
    term: ClassVar[str] = "transfer learning"
    plain: ClassVar[str] = "What a model learned from much text helps it with a new task."
    idea: ClassVar[str] = (
        "A base model has read a lot before anybody tunes it: it knows words, grammar and how stories go. Tuning "
        "starts from there and has to teach only what is new. The fair comparison is the same network from random "
        "weights, with the same steps on the same examples. The distance between the two is what the pretraining "
        "was worth. It is large when examples are few, and when the task resembles what was read."
    )
    formula: ClassVar[str] = "transfer = loss from random weights - loss from pretrained weights"
    measured: ClassVar[str] = (
        "On describe the loss ends at 0.796 ± 0.006 from pretrained weights and at 1.356 ± 0.037 from random ones. "
        "On instructions it is 2.147 ± 0.025 against 3.293 ± 0.105."
    )
    source: ClassVar[str] = "The ranking"
    figure: ClassVar[Figure] = Figure(
        "measured",
        "Held-out loss on describe",
        ("none", "scratch", "full"),
        ((4.867, 0.0), (1.356, 0.037), (0.796, 0.006)),
        "nats per token",
    )
    race: ClassVar[Race] = Race(("none", "scratch", "full"))
    paper: ClassVar[str] = "Pan and Yang 2010, A Survey on Transfer Learning"
    order: ClassVar[int] = 10
