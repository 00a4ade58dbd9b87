"""The tables of Compare: what goes in as text comes out as text, and every number can be sorted by."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from workbench.events import Evaluated, Finished, Sampled, Started
from workbench.history import fold
from workbench.metrics import METRICS
from workbench.ui.tables import differences_table, exports, notes, results_table, samples_table
from workbench.units import PER_ANSWER
from workbench.views import VIEWS
from workbench.views.colour import styles
from workbench.views.contract import ShownRun
from workbench.views.seeds import group_rows, grouped

MakeRun = Callable[..., ShownRun]


class Cells(HTMLParser):
    """The rows of a table as texts, and the tags that stand in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


@pytest.fixture
def run() -> MakeRun:
    """A run that ends at a loss, with one sample."""

    def make(label: str, loss: float = 1.0, prompt: str = "say", text: str = "words", **more: object) -> ShownRun:
        sample = {"prompt": prompt, "target": "hello", "text": text}
        events = [
            Started(label, 0, steps=1, counts={"trainable": 10, "added": 0, "total": 100, "percent": 10.0}),
            Sampled(label, 1, samples=({**sample, "text": "base words"},)),
            Evaluated(label, 2, 1, 2.0, loss=loss, scores={"slot_accuracy": 0.5}),
            Sampled(label, 3, 1, samples=(sample,)),
            Finished(label, 4, 1, 2.0),
        ]
        return ShownRun(label, label, styles([0])[0], fold(events), "slot_accuracy", **more)

    return make


def results(*runs: ShownRun) -> str:
    return results_table(runs, group_rows(grouped(runs)))


def samples(*runs: ShownRun) -> str:
    return samples_table(runs, VIEWS["samples"]().table(runs))


def test_a_row_has_numbers_with_units_and_what_they_sort_by(run: MakeRun) -> None:
    page = results(run("lora", 1.25)).split("<details>")[0]
    heads, row = Cells(page).rows
    assert [head.split()[0] for head in heads] == (
        ["set-up", "moving", "of", "held-out", "slot", "forgets", "time", "memory", "speed"]
    )
    assert "held-out loss nats/token" in heads
    assert row == ["lora", "10", "10", "1.250", "0.500", "-", "2.0", "-", "-"]
    assert re.findall(r'data-value="([^"]*)"', page) == ["10.0", "10.0", "1.25", "0.5", "", "2.0", "", ""]
    assert page.count('<button type="button" title="') == len(heads)


def test_the_loss_of_a_head_is_told_per_answer_and_its_forgetting_per_token(run: MakeRun) -> None:
    head = replace(run("lora", 1.25), unit=PER_ANSWER)
    heads = Cells(results(head).split("<details>")[0]).rows[0]
    assert "held-out loss nats/answer" in heads and "forgets nats/token" in heads
    assert "held-out loss nats/token or nats/answer" in Cells(results(run("full", 1.0), head)).rows[0]


def test_more_metrics_are_folded_below_with_what_each_is(run: MakeRun) -> None:
    new = run("lora", 0.0)
    new.history.scores[-1] = (1, {"slot_accuracy": 0.5, "sacrebleu": 12.345})
    page = results(run("old", 0.0), new)
    main, fold = page.split("<details><summary>More metrics</summary>")
    assert "BLEU" not in main and fold.endswith("</details></section>")
    assert Cells(fold.split("<ul")[0]).rows == [
        ["metric", "old", "lora"],
        ["Perplexity", "1.00", "1.00"],
        ["BLEU", "-", "12.3"],
    ]
    assert f"{METRICS['sacrebleu'].definition}; 0 to 100, higher is better" in html.unescape(fold)


def test_seeds_are_one_row_with_mean_deviation_and_number(run: MakeRun) -> None:
    runs = [run(f"lora, seed {seed}", loss, seed=seed, group="lora") for seed, loss in enumerate((1.0, 1.2, 1.4))]
    page = results(*runs)
    heads, row = Cells(page).rows[:2]
    assert heads[1] == "seeds" and row[:2] == ["lora", "3"]
    assert "1.200 ± 0.200" in row and "sample standard deviation" in page


def test_a_run_that_did_not_finish_says_so(run: MakeRun) -> None:
    broken = run("lora")
    broken.history.state = "stopped"
    assert Cells(results(broken)).rows[1][0] == "lora (stopped)"
    assert "lora (stopped)" in Cells(samples(broken)).rows[0]


def test_samples_have_prompts_down_and_runs_across(run: MakeRun) -> None:
    heads, row = Cells(samples(run("full", text="a"), run("lora", text="b"))).rows
    assert heads == ["prompt", "answer in the data", "base model, untuned", "full", "lora"]
    assert row == ["say", "hello", "base words", "a", "b"]


def test_a_run_that_is_the_base_itself_has_no_column_of_its_own(run: MakeRun) -> None:
    heads, _ = Cells(samples(run("none", trains=False), run("lora"))).rows
    assert heads == ["prompt", "answer in the data", "base model, untuned", "lora"]
    heads, _ = Cells(samples(run("none", trains=False, starts_at_base=False))).rows  # with examples in its prompt
    assert heads == ["prompt", "answer in the data", "none"]


def test_a_run_that_wrote_nothing_or_was_not_asked_is_told_apart(run: MakeRun) -> None:
    _, first, second = Cells(samples(run("full", text=" "), run("lora", prompt="other"))).rows
    assert first == ["say", "hello", "base words", "(nothing)", "-"]
    assert second == ["other", "hello", "-", "-", "words"]


def test_samples_of_different_tasks_are_a_sentence(run: MakeRun) -> None:
    page = samples(run("full", task="describe"), run("lora", task="pirate"))
    assert "different tasks" in page and "<table" not in page
    assert "None of these runs wrote samples." in samples_table([], [])


def test_a_comparison_without_differences_says_so() -> None:
    assert "Nowhere" in differences_table(["lora"], [], [[]])
    assert Cells(differences_table(["a", "b"], ["seed"], [["0"], ["1"]])).rows == [
        ["run", "seed"],
        ["a", "0"],
        ["b", "1"],
    ]


def test_many_sentences_are_folded() -> None:
    page = notes([f"sentence {number}." for number in range(9)])
    assert page.index("sentence 5.") < page.index("3 more sentences") < page.index("sentence 6.")
    assert "<details>" not in notes(["one."]) and notes([]) == ""


def test_links_name_the_runs_and_nothing_else() -> None:
    page = exports(["a-1", '"><b>&run=x'])
    assert page.count("?run=a-1&amp;run=%22%3E%3Cb%3E%26run%3Dx") == 2 and "<b>" not in page


def test_texts_are_never_markup(run: MakeRun, hostile: tuple[str, ...]) -> None:
    for text in hostile:
        evil = run(text, prompt=text, text=text)
        pages = [results(evil), samples(evil), notes([text]), differences_table([text], [text], [[text]])]
        tags = set().union(*(Cells(page).tags for page in pages))
        assert not tags & {"img", "script", "svg", "a"}, text
        assert "\x1b" not in "".join(pages)
        assert Cells(samples(evil)).rows[1][0] == text.replace("\x1b[31m", "")
