"""The address holds the whole set-up: whoever opens it gets the same race."""

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.spec import RunSpec, parse_choice

LINK = (
    "?model=pocket-gpt&task=feelings&m=none&m=lora:rank=4:alpha=8&m=lora:rank=16,adapter:width=8"
    "&b.steps=7&b.batch_size=4&b.schedule=linear&seed=3"
)


def specs_asked(page: Page, address: str) -> list[RunSpec]:
    """Open an address; the specs of which the form asks the server."""
    page.goto("about:blank")  # what the page before still wanted to ask is of no interest
    with page.expect_request("**/api/estimate") as asked:
        page.goto(address)
    return [RunSpec.from_json(spec) for spec in asked.value.post_data_json]


def test_a_link_gives_the_whole_set_up_again(visit: Any, server: Any) -> None:
    page = visit()
    specs = specs_asked(page, server.address + "/" + LINK)
    expect(page.locator("#model-pocket-gpt")).to_be_checked()
    expect(page.locator("#task-feelings")).to_be_checked()
    expect(page.locator(".choice.chosen .title")).to_have_text(["No tuning", "Adapter", "LoRA", "LoRA"])
    expect(page.locator("#method-lora-0-rank")).to_have_value("4")
    expect(page.locator("#method-lora-0-alpha")).to_have_value("8")
    expect(page.locator("#method-lora-1-rank")).to_have_value("16")
    expect(page.locator("#budget-steps")).to_have_value("7")
    expect(page.locator("#budget-schedule")).to_have_value("linear")
    expect(page.locator("#seed")).to_have_value("3")
    assert [str(spec.method) for spec in specs] == [
        "none",
        "lora:rank=4:alpha=8",
        "lora:rank=16",
        "adapter:width=8",
    ]
    assert {(str(spec.task), spec.seed, spec.budget.steps) for spec in specs} == {("feelings", 3, 7)}


def test_the_address_follows_the_form(visit: Any, server: Any) -> None:
    page = visit("?m=lora")
    page.get_by_role("checkbox", name="BitFit", exact=True).click()
    page.locator("#budget-steps").fill("9")
    page.locator("#seed").fill("5")
    lora = page.locator(".choice.chosen", has=page.locator("#method-lora-0-rank"))
    lora.get_by_text("Knobs", exact=True).click()
    page.locator("#method-lora-0-rank").fill("2")
    page.wait_for_url(re.compile("rank%3D2"))
    specs = specs_asked(page, page.url)
    assert [str(spec.method) for spec in specs] == ["lora:rank=2", "bitfit"]
    assert {(spec.budget.steps, spec.seed) for spec in specs} == {(9, 5)}


def test_methods_beyond_the_lessons_are_folded_until_one_is_chosen(visit: Any) -> None:
    page = visit("?m=lora")
    loha = page.get_by_role("checkbox", name="LoHa", exact=True)
    expect(page.get_by_role("checkbox", name="LoRA", exact=True)).to_be_checked()
    expect(loha).to_have_count(0)
    page.get_by_text(re.compile(r"^More ways of tuning \(\d+\)$")).click()
    loha.click()
    expect(loha).to_be_checked()  # the cards were drawn anew, and are still unfolded
    page.wait_for_url(re.compile("loha"))
    expect(visit("?m=lora,loha").get_by_role("checkbox", name="LoHa", exact=True)).to_be_checked()


@pytest.fixture
def copied(visit: Any, server: Any) -> Callable[[str, str], tuple[list[RunSpec], str]]:
    """The specs of a link, and what a button of its page copies."""

    def copy(link: str, button: str) -> tuple[list[RunSpec], str]:
        page = visit(permissions=["clipboard-read", "clipboard-write"])
        specs = specs_asked(page, f"{server.address}/{link}")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        return specs, str(page.evaluate("navigator.clipboard.readText()"))

    return copy


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_copied_command_holds_the_same_races(copied: Any, monkeypatch: pytest.MonkeyPatch, seeds: int) -> None:
    specs, text = copied(f"{LINK}&seeds={seeds}", "Copy as command")
    held: list[list[RunSpec]] = []
    monkeypatch.setattr("workbench.cli.racing.hold_races", lambda races, outputs: held.extend(races) or 0)
    words = shlex.split(text)
    assert words[0] == "workbench"
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == 0, result.output
    assert held == [[replace(spec, seed=3 + place) for spec in specs] for place in range(seeds)]


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_copied_python_holds_the_same_races(copied: Any, monkeypatch: pytest.MonkeyPatch, seeds: int) -> None:
    specs, code = copied(f"{LINK}&seeds={seeds}", "Copy as Python")
    held: list[list[RunSpec]] = []
    monkeypatch.setattr("workbench.training.race.race", lambda specs: held.append(specs) or ())
    exec(code, {})  # the page's own text
    assert held == [[replace(spec, seed=3 + place) for spec in specs] for place in range(seeds)]


def test_a_link_a_command_and_code_say_the_objective(copied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    link = "?model=pocket-gpt&task=feelings&objective=classification&m=lora"
    specs, text = copied(link, "Copy as command")
    assert [str(spec.objective) for spec in specs] == ["classification"]
    assert "--objective classification" in text
    held: list[list[RunSpec]] = []
    monkeypatch.setattr("workbench.training.race.race", lambda specs: held.append(specs) or ())
    exec(copied(link, "Copy as Python")[1], {})  # the page's own text
    assert held == [specs]


def test_a_path_may_hold_a_colon(visit: Any, server: Any) -> None:
    path = "C:/Users/ann/my data.csv"
    specs = specs_asked(visit(), f"{server.address}/?m=lora&task=own_file:path={quote(path)}:prompt_column=ask")
    assert {str(spec.task) for spec in specs} == {f"own_file:path={path}:prompt_column=ask"}
    assert specs[0].task == parse_choice(str(specs[0].task))


def test_what_a_link_hides_is_not_seen_and_what_it_locks_cannot_be_changed(visit: Any) -> None:
    page = visit(LINK + "&hide=task,model&lock=methods,budget")
    expect(page.get_by_role("heading", name="Ways of tuning")).to_be_visible()
    for heading in ("Base model", "Task"):
        expect(page.get_by_role("heading", name=heading)).not_to_be_visible()
    for locked in ("#method-lora-0", "#method-bitfit-0", "#method-lora-0-rank", "#budget-steps", "#seed"):
        expect(page.locator(locked)).to_be_disabled()
    assert "hide=task%2Cmodel" in page.url
    expect(page.get_by_role("button", name="Start the race")).to_be_enabled()
    open_page = visit("?m=lora")
    expect(open_page.get_by_role("heading", name="Task")).to_be_visible()
    expect(open_page.locator("#budget-steps")).to_be_enabled()


def test_a_method_that_does_not_exist_is_told_though_no_card_shows_it(visit: Any) -> None:
    page = visit("?m=lora&m=lorra")
    expect(page.locator(".total .problem")).to_contain_text("lorra")
