"""What a race would take, told before it begins."""

from typing import Any

import pytest

from workbench.menu.duration import Pace
from workbench.menu.estimate import estimated
from workbench.models.catalog import find_card
from workbench.server.forecast import forecast, lessons
from workbench.spec import Choice, RunSpec
from workbench.store.index import Entry

PACE = Pace(find_card("pocket-gpt").parameters, cores=2, read=1e-4, write=1e-3, domain=0.5, tokens={})
MUCH = 1 << 40


def told(*methods: str, pace: Pace | None = PACE, free: int = MUCH, past: tuple[Any, ...] = ()) -> dict[str, Any]:
    specs = [RunSpec(method=Choice(method)) for method in methods]
    return forecast(specs, estimated(specs), pace, past, lambda: free)


def test_frozen_weights_are_counted_once() -> None:
    one, two = told("lora")["memory_bytes"], told("lora", "lora")["memory_bytes"]
    weights = 4 * find_card("pocket-gpt").parameters
    assert two - one == one - weights < one


def test_the_weights_of_qlora_are_its_own_and_the_base_stays_beside_them() -> None:
    row = estimated([RunSpec(method=Choice("qlora"))])[0]
    assert row["own_weight_bytes"] > 4 * row["trainable"]
    assert told("qlora")["memory_bytes"] > told("lora")["memory_bytes"] > row["memory_bytes"]["total"]


def test_what_does_not_fit_is_said_with_what_to_turn() -> None:
    assert told("full")["sentence"] == ""
    sentence = told("full", free=1 << 20)["sentence"]
    assert "0.0 GiB are free" in sentence and "smaller batch_size" in sentence


def test_no_time_is_told_before_the_machine_is_known() -> None:
    assert told("full", pace=None)["seconds"] is None
    assert told("full")["seconds"] > 0
    assert told("lorra")["seconds"] is None  # nothing that could run


def entry(state: str = "finished", **summary: Any) -> Entry:
    spec = RunSpec(method=Choice("lora")).to_json()
    return Entry("run", "race", 0, "", state=state, spec=spec, summary={"trainable": 1000, "seconds": 7.0} | summary)


def test_finished_runs_teach_and_others_do_not() -> None:
    unknown = Entry("run", "race", 0, "", state="finished", spec={"model": "gone"}, summary={"seconds": 1.0})
    found = lessons([entry(), entry("stopped"), entry(seconds=0.0), unknown], PACE)
    assert [(past.method, past.real) for past in found] == [("lora", 7.0)]
    plain = told("lora")["seconds"]
    assert told("lora", past=tuple(found))["seconds"] == pytest.approx(plain * 7.0 / found[0].expected, rel=0.2)
