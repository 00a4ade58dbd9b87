"""A loss is told in the unit of its objective, and losses in unlike units are not drawn as if they were alike."""

from dataclasses import replace

import pytest

from workbench.units import PER_ANSWER, PER_TOKEN, axis_of, short, unit_of
from workbench.views import VIEWS
from workbench.views.contract import ShownRun
from workbench.views.findings import findings
from workbench.views.footing import loss_unit
from workbench.views.rates import RateCurve, rates_figure
from workbench.views.seeds import cautions

HEAD = {"objective": "classification", "unit": PER_ANSWER}
WORDS = {"objective": "language modelling", "unit": PER_TOKEN}


@pytest.fixture
def unlike(make_run) -> list[ShownRun]:
    """A run that answers in words beside one that answers by a head, without scores."""
    runs = [make_run("lora, words", **WORDS), make_run("lora, head", place=1, **HEAD)]
    for run in runs:
        run.history.scores.clear()
    return runs


def test_a_unit_stands_alone_or_says_what_it_stands_beside() -> None:
    assert unit_of([PER_ANSWER, PER_ANSWER]) == axis_of([PER_ANSWER]) == "nats per answer"
    assert unit_of([PER_TOKEN, PER_ANSWER]) == "nats per token or nats per answer"
    assert axis_of([PER_TOKEN, PER_ANSWER]) == "unlike units: not to be compared"
    assert unit_of([]) == axis_of([]) == PER_TOKEN and short(PER_ANSWER) == "nats/answer"


@pytest.mark.parametrize("what, unit", [(WORDS, "nats per token"), (HEAD, "nats per answer")])
def test_curves_have_the_unit_at_the_axis_and_at_every_point(make_run, what: dict, unit: str) -> None:
    view = VIEWS["curves"]()
    figure = view.figure(view.table([make_run("full", **what), make_run("lora", **what)]))
    assert figure.layout.yaxis.title.text == f"loss ({unit})"
    assert all(f"{unit}<extra>" in line.hovertemplate for line in figure.data)


def test_curves_in_unlike_units_say_so_and_each_keeps_its_own(unlike: list[ShownRun]) -> None:
    view = VIEWS["curves"]()
    figure = view.figure(view.table(unlike))
    assert figure.layout.yaxis.title.text == "loss (unlike units: not to be compared)"
    units = {line.name: line.hovertemplate.split("%{y:.3f} ")[1] for line in figure.data}
    assert units == {"lora, words": "nats per token<extra></extra>", "lora, head": "nats per answer<extra></extra>"}


def test_sentences_about_heads_are_about_answers(make_run) -> None:
    told = " ".join(findings([make_run("full", **HEAD), make_run("scratch", losses=(4.0, 3.0), **HEAD)]))
    assert "lowest held-out loss, 1.000 nats per answer" in told and "worth 2.000 nats per answer" in told
    assert "ended at a held-out loss of 1.000 nats per answer." in findings([make_run("full", **HEAD)])[0]


def test_what_a_head_forgets_is_still_counted_in_tokens_of_the_base_s_texts(make_run) -> None:
    runs = [make_run("full", base_losses=(0.5, 0.9), **HEAD), make_run("lora", **HEAD)]
    assert "rose by 0.400 nats per token" in " ".join(findings(runs))
    view = VIEWS["forgetting"]()
    assert view.figure(view.table(runs)).layout.xaxis.title.text == "loss (nats per token)"


def test_the_loss_as_quality_has_its_unit_and_unlike_ones_have_no_front(make_run, unlike: list[ShownRun]) -> None:
    view = VIEWS["quality"]()
    head = view.figure(view.table(unlike[1:]))
    assert head.layout.yaxis.title.text == "held-out loss (nats per answer), lower is better"
    rows = view.table(unlike)
    assert [row["front"] for row in rows] == ["", ""]
    assert view.figure(rows).layout.yaxis.title.text == "held-out loss (unlike units: not to be compared)"


def test_spreads_of_unlike_losses_are_not_held_against_each_other(make_run) -> None:
    def seeds(label: str, *losses: float, **what: str) -> list[ShownRun]:
        return [
            make_run(f"{label}, seed {seed}", losses=(3.0, loss), group=label, seed=seed, **what)
            for seed, loss in enumerate(losses)
        ]

    close = [*seeds("full", 1.0, 1.2, 1.4, **HEAD), *seeds("lora", 1.1, 1.3, 1.5, **HEAD)]
    assert "differ by 0.100 nats per answer" in cautions(close)[0]
    assert cautions([*close[:3], *(replace(run, **WORDS) for run in close[3:])]) == []


def test_a_range_test_of_a_head_has_its_unit_at_the_axis() -> None:
    curve = RateCurve("lora", 1e-3, (1e-4, 1e-3), (2.0, 1.0), PER_ANSWER)
    assert rates_figure([curve]).layout.yaxis.title.text == "training loss, smoothed (nats per answer)"


def test_a_column_of_both_names_both(unlike: list[ShownRun]) -> None:
    assert loss_unit(unlike) == "nats per token or nats per answer"
    assert loss_unit(unlike[1:]) == "nats per answer"
