"""Every metric says what it is and keeps to its range; what needs a library is left out where that is missing."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.metrics import CHOICE, METRICS, TEXT, measured
from workbench.metrics.contract import Outcome
from workbench.metrics.overlap import BLEU_SIGNATURE, CHRF_SIGNATURE

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"
RIGHT = Outcome(("a red ball", "two dogs ran home"), (("a red ball",), ("no", "two dogs ran home")), loss=0.0)
CHOSEN = Outcome(("yes", "no"), (("yes",), ("no",)), ("yes", "no"))


def test_the_registry_finds_all() -> None:
    assert list(METRICS) == [
        "perplexity", "accuracy", "macro_f1", "mcc", "final_answer", "exact_match", "similarity", "sacrebleu", "chrf",
        "rouge1", "rouge2", "rougeL", "distinct1", "distinct2",
    ]  # fmt: skip
    assert {METRICS[name].kind for name in CHOICE} == {"choice"}
    assert {METRICS[name].kind for name in TEXT} == {"text"}


@pytest.mark.parametrize("name", list(METRICS))
def test_is_documented(name: str) -> None:
    metric = METRICS[name]
    assert metric.title and len(metric.definition) > 30 and not metric.definition.endswith(".")
    row = f"| {metric.title} | `{name}` | {metric.definition} | {metric.unit()}, {metric.direction()} |"
    assert row in DOCUMENT.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", [*TEXT, *CHOICE, "similarity"])
def test_right_answers_have_the_best_value_and_empty_ones_the_worst(name: str) -> None:
    metric, right = METRICS[name](), CHOSEN if name in CHOICE else RIGHT
    if not name.startswith("distinct"):
        assert metric.measure(right) == pytest.approx(metric.high)
    empty = Outcome(("", ""), right.references, right.labels)
    assert metric.measure(empty) == 0.0


@pytest.mark.parametrize("name", [*TEXT, *CHOICE, "similarity"])
def test_stays_in_its_range_whatever_is_answered(name: str) -> None:
    metric = METRICS[name]
    answers = ("", "\n\n", '"', "." * 300 + " .", "Mia [x] \u202e\U0001f600 {name} \\ &quot; \ud800", "yes yes yes")
    value = metric().measure(Outcome(answers, (("yes", "no"),) * len(answers), ("yes", "no")))
    assert metric.low <= value <= metric.high


@pytest.mark.parametrize("name", [*TEXT, "similarity"])
def test_several_right_answers_are_all_right(name: str) -> None:
    one = Outcome(("it is a dog",), (("it is a dog",),))
    several = Outcome(("it is a dog",), (("here we see a cat", "it is a dog", "dog"),))
    assert METRICS[name]().measure(several) == METRICS[name]().measure(one)


def test_nothing_is_said_of_no_answers() -> None:
    assert measured(METRICS, Outcome()) == {}
    assert measured(METRICS, Outcome(loss=0.0)) == {"perplexity": 1.0}


def test_a_final_answer_is_what_stands_behind_the_last_mark() -> None:
    def scored(answer: str, *rights: str) -> float:
        return METRICS["final_answer"]().measure(Outcome((answer,), (rights,), mark="####"))

    right = "16 - 3 - 4 = 9 eggs, 9 * 2 = $18 #### 18"
    for answer in ("She sells 9. #### 18", "#### 7 no, #### $18", "####18.", "#### 18.00", "#### +18"):
        assert scored(answer, right) == 1.0
    for answer in (
        "16 - 3 - 4 = 9 eggs, 9 * 2 = $18 #### 19",
        "She makes $18",
        "18",
        "#### ",
        "#### 18 #### 81",
        "#### -18",
    ):
        assert scored(answer, right) == 0.0
    assert scored("#### 1450000", "#### 1,450,000") == scored("#### 1,00,000", "#### 100000") == 1.0
    assert scored("#### 1,2,3", "#### 123") == 0.0
    assert scored("#### 3/4", "#### 3/4") == scored("so #### the  cat", "#### the cat") == 1.0
    assert scored("#### a", "#### b", "#### a") == scored("18", "18.0") == 1.0


def test_without_a_mark_there_is_no_final_answer() -> None:
    assert measured(["final_answer"], RIGHT) == {}


def test_perplexity_is_the_exponential_of_the_loss() -> None:
    """At a loss of ln 50 the model hesitates among 50 tokens."""
    assert measured(["perplexity"], Outcome(loss=math.log(50)))["perplexity"] == pytest.approx(50)
    assert measured(["perplexity"], Outcome(loss=1000.0)) == {}
    assert measured(["perplexity"], Outcome(loss=math.nan)) == {}


def test_a_missing_library_leaves_out_its_metrics_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = ("sklearn.metrics", "sacrebleu.metrics.bleu", "sacrebleu.metrics.chrf", "rouge_score.rouge_scorer")
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    assert set(measured(TEXT, RIGHT)) == {"exact_match", "distinct1", "distinct2"}
    assert measured(CHOICE, CHOSEN) == {}


def test_looking_at_metrics_and_starting_to_train_imports_no_library_of_theirs() -> None:
    code = (
        "import sys, workbench.training.race; from workbench.metrics import METRICS; from workbench.tasks import TASKS;"
        "list(METRICS); list(TASKS);"
        "print({'sklearn', 'sacrebleu', 'rouge_score', 'nltk'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_the_signatures_are_the_librarys_own() -> None:
    from sacrebleu.metrics import BLEU, CHRF

    for metric, told in ((BLEU(force=True), BLEU_SIGNATURE), (CHRF(), CHRF_SIGNATURE)):
        metric.corpus_score(["a"], [["a"]])
        assert f"|{told}|" in str(metric.get_signature())
