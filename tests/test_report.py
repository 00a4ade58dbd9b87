"""The report: one file that needs nothing else, holds the numbers, and lets no data become markup."""

import json
import re
from html.parser import HTMLParser
from math import exp
from pathlib import Path

import pytest

from workbench.errors import StorageError
from workbench.events import Evaluated, Failed, Finished, Measured, Sampled, Started, Stepped
from workbench.history import History, fold
from workbench.metrics import METRICS
from workbench.report import Race, render, shown, write
from workbench.report.race import command, labels
from workbench.spec import Budget, Choice, RunSpec, parse_choice

EVIL = "<img src=x onerror=alert(1)>"


class Outline(HTMLParser):
    """Headings, links to elsewhere, and the visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.outside: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.ids: set[str] = set()
        self._inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.tags.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "srcset", "data", "action") and not (value or "").startswith("#"):
                self.outside.append(f"{tag} {name}={value}")
            if name == "id":
                self.ids.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if re.fullmatch("h[1-6]", self._inside):
            self.headings.append(data)
        if self._inside not in ("script", "style"):
            self.text += data


def history(run: str, trainable: int, final: float, text: str) -> History:
    counts = {"trainable": trainable, "added": trainable, "total": 5000, "percent": trainable / 50}
    sample = {"prompt": "describe Tom", "target": "Tom is tall.", "text": "base words"}
    return fold(
        [
            Started(run, 0, steps=2, counts=counts, device="cpu", precision="float32"),
            Evaluated(run, 1, loss=2.345, base_loss=0.5, scores={"slot_accuracy": 0.125}),
            Sampled(run, 2, samples=(sample,)),
            Stepped(run, 3, 1, 0.5, loss=1.9, tokens=64, tokens_per_second=640.0),
            Stepped(run, 4, 2, 0.9, loss=1.5, tokens=64, tokens_per_second=640.0),
            Evaluated(run, 5, 2, 1.25, loss=final, base_loss=0.625, scores={"slot_accuracy": 0.875}),
            Sampled(run, 6, 2, 1.3, samples=({**sample, "text": text},)),
            Measured(run, 7, 2, 1.3, peak_memory_bytes=3 * 1024**2, movement={"block 0": 0.0123}),
            Finished(run, 8, 2, 1.4),
        ]
    )


@pytest.fixture
def race() -> Race:
    specs = [RunSpec(method=Choice(name), budget=Budget(steps=2)) for name in ("full", "lora")]
    histories = [history("a", 4321, 1.111, "Tom is tall & <b>kind</b>."), history("b", 123, 1.122, f"\x1b[31m{EVIL}")]
    return Race(tuple(specs), tuple(shown(specs, histories)), {"Machine": "a quiet laptop"})


def outline(race: Race) -> Outline:
    page = Outline()
    page.feed(render(race))
    return page


def test_it_fetches_nothing_from_anywhere(race: Race) -> None:
    text, page = render(race), outline(race)
    assert page.outside == []
    assert not {"link", "iframe", "img", "object", "embed", "base"} & set(page.tags)
    assert "default-src 'none'" in text
    assert "@import" not in text.split("<script")[0] and "url(" not in text.split("<script")[0]


def test_plotly_stands_in_it_once(race: Race) -> None:
    assert render(race).count("plotly.js v") == 1


def test_it_has_every_section_under_a_heading(race: Race) -> None:
    page = outline(race)
    assert page.headings[0] == "2 ways of tuning pocket-gpt on describe"
    sections = "raced findings results curves counts quality forgetting memory movement samples repeat"
    assert [name for name in sections.split() if name not in page.ids] == []
    assert page.tags.count("h1") == 1


def test_it_holds_the_numbers_of_the_histories(race: Race) -> None:
    text = outline(race).text
    for number in ("4,321", "123", "2.345", "1.111", "1.122", "0.875", "+0.125", "640", "3.0", "0.0123"):
        assert number in text, number
    assert "a quiet laptop" in text
    assert "lora came within 1 % of full tuning's loss with 2.8 % of the parameters." in text


def test_more_metrics_are_folded_with_what_each_is(race: Race) -> None:
    """Perplexity is exp of the losses above."""
    fold = render(race).split("<details><summary>More metrics</summary>")[1].split("</details>")[0]
    assert f"<td>{exp(1.111):.2f}</td>" in fold and f"<td>{exp(1.122):.2f}</td>" in fold
    assert f"<li><b>Perplexity</b>: {METRICS['perplexity'].definition}; 1 or more, lower is better</li>" in fold


def test_its_figures_are_whole_and_hold_the_losses(race: Race) -> None:
    figures = re.findall(r'<script type="application/json" id="figure-(\w+)">(.*?)</script>', render(race), re.DOTALL)
    drawn = {name: json.loads(text) for name, text in figures}
    quality = {"quality", "quality_time", "quality_memory", "quality_forgetting"}
    assert set(drawn) == {"curves", "counts", "forgetting", "memory", "movement"} | quality
    assert [2.345, 1.111] in [trace["y"] for trace in drawn["curves"]["data"]]


def test_data_never_becomes_markup(race: Race) -> None:
    text = render(race)
    assert EVIL not in text and "<b>kind" not in text and "\x1b" not in text.split("<script")[0]
    assert "img" not in outline(race).tags
    assert "Tom is tall & <b>kind</b>." in outline(race).text


def test_a_label_cannot_end_the_script_it_stands_in() -> None:
    specs = [RunSpec(method=Choice("full", {"note": f"</script>{EVIL}"}))]
    race = Race(tuple(specs), tuple(shown(specs, [history("a", 10, 1.0, "x")])))
    assert "img" not in outline(race).tags


def test_samples_stand_beside_the_bases(race: Race) -> None:
    text = outline(race).text
    assert text.index("the base model, before") < text.index("base words") < text.index("full, after")


def test_a_failed_run_says_why(race: Race) -> None:
    fold([Failed("b", 99, 2, 2.0, error="The loss became NaN.", hint="Lower the rate.")], race.runs[1].history)
    text = outline(race).text
    assert "(failed)" in text and "The loss became NaN. Lower the rate." in text


def test_the_command_repeats_the_race() -> None:
    budget = Budget(steps=7, warmup=0.5)
    specs = [
        RunSpec("my model", Choice("pirate"), parse_choice(name), budget=budget, seed=3)
        for name in ("full", "lora:rank=4")
    ]
    expected = "workbench race --model 'my model' --task pirate -m full -m lora:rank=4 --seed 3"
    assert command(specs) == f"{expected} --budget steps=7 --budget warmup=0.5"


def test_the_command_names_another_objective_and_a_new_head_is_no_base() -> None:
    specs = [RunSpec(task=Choice("feelings"), objective=Choice("classification"))]
    expected = "workbench race --model pocket-gpt --task feelings --objective classification -m lora --seed 0"
    assert command(specs) == expected
    by_head, by_words = shown([*specs, RunSpec()], [history("a", 10, 1.0, "x"), history("b", 10, 1.0, "x")])
    assert by_words.starts_at_base and not by_head.starts_at_base
    assert by_head.label == "lora, feelings, classification" and by_head.objective == "classification"


def test_the_command_names_your_own_file_and_its_columns() -> None:
    task = Choice("own_file", {"path": "/data/my.csv", "prompt_column": "mr", "target_column": "ref"})
    expected = (
        "workbench race --model pocket-gpt --data /data/my.csv --prompt-column mr --target-column ref -m lora --seed 0"
    )
    assert command([RunSpec(task=task)]) == expected


def test_the_specs_in_it_are_those_that_were_run(race: Race) -> None:
    text = outline(race).text
    start = text.index("[", text.index("The specs, for"))
    read = json.JSONDecoder().raw_decode(text[start:])[0]
    assert [RunSpec.from_json(spec) for spec in read] == list(race.specs)


def test_equal_methods_get_labels_of_their_own() -> None:
    assert labels([RunSpec(), RunSpec(), RunSpec(method=Choice("full"))]) == ["lora", "lora (2)", "full"]
    assert labels([RunSpec(seed=1), RunSpec(seed=2)]) == ["lora, seed 1", "lora, seed 2"]


def test_a_folder_in_the_place_of_the_file_is_one_sentence(race: Race, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write(race, tmp_path)
