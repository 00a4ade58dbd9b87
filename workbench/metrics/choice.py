"""How well labels are chosen: scikit-learn's accuracy, F1 and Matthews correlation."""

from typing import ClassVar

from workbench.metrics.contract import Kind, Metric, Outcome

OUTSIDE = "\x00no label"  # what all answers that are no label count as; no text of a file holds a zero byte


class Accuracy(Metric):
    """Right labels by all labels."""

    name: ClassVar[str] = "accuracy"
    title: ClassVar[str] = "Accuracy"
    definition: ClassVar[str] = "fraction of answers that are the right label (scikit-learn)"
    kind: ClassVar[Kind] = "choice"
    library: ClassVar[str] = "scikit-learn"
    order: ClassVar[int] = 10

    def measure(self, outcome: Outcome) -> float:
        """scikit-learn's `accuracy_score`."""
        from sklearn.metrics import accuracy_score

        return float(accuracy_score(outcome.targets, list(outcome.answers)))


class MacroF1(Metric):
    """Every label weighs the same, however rare it is."""

    name: ClassVar[str] = "macro_f1"
    title: ClassVar[str] = "Macro F1"
    definition: ClassVar[str] = (
        "mean over the labels of F1 = 2 TP / (2 TP + FP + FN) (scikit-learn); an answer that is no label is a miss, "
        "and a label that is nowhere does not count"
    )
    kind: ClassVar[Kind] = "choice"
    library: ClassVar[str] = "scikit-learn"
    order: ClassVar[int] = 11

    def measure(self, outcome: Outcome) -> float:
        """scikit-learn's `f1_score`; a label that is neither target nor answer is NaN there and not in the mean."""
        import numpy as np
        from sklearn.metrics import f1_score

        given = (outcome.targets, list(outcome.answers))
        return float(f1_score(*given, labels=list(outcome.labels), average="macro", zero_division=np.nan))


class Matthews(Metric):
    """The correlation of two sortings into classes (Matthews 1975; for several classes Gorodkin 2004)."""

    name: ClassVar[str] = "mcc"
    title: ClassVar[str] = "MCC"
    definition: ClassVar[str] = (
        "Matthews correlation of answers and right labels (Gorodkin 2004; scikit-learn): 1 all right, 0 as good as "
        "chance or always the same; answers that are no label are one class more"
    )
    kind: ClassVar[Kind] = "choice"
    library: ClassVar[str] = "scikit-learn"
    low: ClassVar[float] = -1.0
    order: ClassVar[int] = 12

    def measure(self, outcome: Outcome) -> float:
        """scikit-learn's `matthews_corrcoef`; 0 where there is one class only, of which it would warn."""
        from sklearn.metrics import matthews_corrcoef

        answers = [answer if answer in outcome.labels else OUTSIDE for answer in outcome.answers]
        if len({*outcome.targets, *answers}) < 2:
            return 0.0
        return float(matthews_corrcoef(outcome.targets, answers))
