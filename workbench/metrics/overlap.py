"""What answers share with right answers, as sacreBLEU counts it: BLEU and chrF."""

from itertools import zip_longest
from statistics import fmean
from typing import Any, ClassVar

from workbench.metrics.contract import Kind, Metric, Outcome

BLEU_SIGNATURE = "case:mixed|eff:no|tok:13a|smooth:exp"
CHRF_SIGNATURE = "case:mixed|eff:yes|nc:6|nw:0|space:no"


def streams(outcome: Outcome) -> list[list[Any]]:
    """The references as sacreBLEU takes them: the first of each question, the second, ...; None where none is."""
    return [list(stream) for stream in zip_longest(*outcome.references)]


class Bleu(Metric):
    """Precisions of runs of words over all answers, times a brevity penalty (Papineni et al. 2002)."""

    name: ClassVar[str] = "sacrebleu"
    title: ClassVar[str] = "BLEU"
    definition: ClassVar[str] = (
        "runs of 1 to 4 words shared with the right answers, over all answers at once, times a penalty for short ones "
        f"(Papineni et al. 2002); sacreBLEU's own settings (Post 2018), signature {BLEU_SIGNATURE}"
    )
    kind: ClassVar[Kind] = "text"
    library: ClassVar[str] = "sacrebleu"
    high: ClassVar[float] = 100.0
    decimals: ClassVar[int] = 1
    order: ClassVar[int] = 30

    def measure(self, outcome: Outcome) -> float:
        """sacreBLEU's corpus score, with all references of each answer."""
        from sacrebleu.metrics.bleu import BLEU

        # force: without it, answers that end in " ." are warned about on the error output
        return float(BLEU(force=True).corpus_score(list(outcome.answers), streams(outcome)).score)


class ChrF(Metric):
    """F score of runs of characters; needs no words, so it works in every script (Popovic 2015)."""

    name: ClassVar[str] = "chrf"
    title: ClassVar[str] = "chrF"
    definition: ClassVar[str] = (
        "F score of runs of 1 to 6 characters shared with the right answers, over all answers at once, recall "
        f"weighing twice (chrF2, Popovic 2015); sacreBLEU's own settings, signature {CHRF_SIGNATURE}"
    )
    kind: ClassVar[Kind] = "text"
    library: ClassVar[str] = "sacrebleu"
    high: ClassVar[float] = 100.0
    decimals: ClassVar[int] = 1
    order: ClassVar[int] = 31

    def measure(self, outcome: Outcome) -> float:
        """sacreBLEU's corpus score, with all references of each answer."""
        from sacrebleu.metrics.chrf import CHRF

        return float(CHRF().corpus_score(list(outcome.answers), streams(outcome)).score)


class Similarity(Metric):
    """chrF of every answer by itself, so that each weighs the same, however long it is."""

    name: ClassVar[str] = "similarity"
    title: ClassVar[str] = "Similarity"
    definition: ClassVar[str] = (
        "chrF2 (Popovic 2015) of each answer by itself, from 0 to 1: F score of runs of 1 to 6 characters shared with "
        "the nearest right answer (sacreBLEU); the mean over all answers"
    )
    kind: ClassVar[Kind] = "text"
    library: ClassVar[str] = "sacrebleu"
    order: ClassVar[int] = 21

    def measure(self, outcome: Outcome) -> float:
        """The mean of sacreBLEU's sentence scores, the best of all references each, divided by 100."""
        from sacrebleu.metrics.chrf import CHRF

        pairs = zip(outcome.answers, outcome.references, strict=True)
        return fmean(CHRF().sentence_score(answer, list(texts)).score / 100 for answer, texts in pairs)
