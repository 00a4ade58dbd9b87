"""What can be done with runs that are over: compare them, play with them, take away what they learned."""

import math
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

WORDS = re.compile(r"\w+ \w+")


def test_compare_shows_the_latest_runs_with_table_and_pictures(
    visit: Any, show_tab: Any, server: Any, raced: str
) -> None:
    page = visit()
    panel = show_tab(page, "Compare")
    expect(panel.locator(".js-plotly-plot .main-svg").last).to_be_visible()
    expect(panel.locator(".js-plotly-plot")).to_have_count(4)
    expect(panel.get_by_text("Where the set-ups differ").locator("visible=true").first).to_be_visible()
    for row in server.runs(newest_race(server)):
        expect(panel.get_by_role("cell", name=f"{row['loss']:.3f}", exact=True).first).to_be_visible()


def newest_race(server: Any) -> str:
    return str(server.ask("/api/runs")[0]["race"])


def test_play_lets_base_and_tuned_run_answer_side_by_side(
    visit: Any, show_tab: Any, wait_until_written: Any, raced: str
) -> None:
    page = visit()
    panel = show_tab(page, "Play")
    choose_run(panel, "^lora, describe")
    panel.get_by_role("textbox", name="Prompt").fill("One day, Tom")
    panel.get_by_role("button", name="Write", exact=True).click()
    expect(panel.get_by_role("textbox", name="Base model, untuned")).to_have_value(WORDS)
    expect(panel.get_by_role("textbox", name=re.compile("^lora, describe"))).to_have_value(WORDS)
    wait_until_written(page)


def choose_run(panel: Any, text: str) -> None:
    """Pick a run in a dropdown of runs."""
    panel.get_by_role("combobox", name="Runs").click()
    panel.page.get_by_role("option", name=re.compile(text)).first.click()
    panel.page.keyboard.press("Escape")


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # PEFT's own
def test_what_lora_learned_is_taken_away_and_loads_in_plain_peft(
    visit: Any, server: Any, raced: str, tmp_path: Path
) -> None:
    page = visit(f"?race={raced}")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download what lora learned").click()
    taken.value.save_as(tmp_path / "weights.zip")
    with zipfile.ZipFile(tmp_path / "weights.zip") as archive:
        archive.extractall(tmp_path)
    (config,) = tmp_path.rglob("adapter_config.json")
    assert losses_differ(config.parent)


def losses_differ(folder: Path) -> bool:
    """Whether PEFT's own loader gives a working model that is no longer the base."""
    import torch
    from peft import PeftModel

    from workbench.models.load import load_base

    base = load_base("pocket-gpt")
    ids = base.tokenizer("One day, Mia found a red ball.", return_tensors="pt").input_ids
    with torch.no_grad():
        untuned = base.model(ids).logits
        tuned = PeftModel.from_pretrained(base.model, folder)(ids).logits
    assert tuned.shape == untuned.shape
    assert bool(tuned.isfinite().all())
    return not math.isclose(float((tuned - untuned).abs().max()), 0.0, abs_tol=1e-6)


def test_the_report_of_a_race_is_taken_away(visit: Any, raced: str, tmp_path: Path) -> None:
    page = visit(f"?race={raced}")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Report", exact=True).click()
    taken.value.save_as(tmp_path / "report.html")
    assert "held-out" in (tmp_path / "report.html").read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("width", [1280, 390])
def test_more_metrics_are_folded_below_the_runs(visit: Any, server: Any, raced: str, width: int) -> None:
    page = visit(f"?race={raced}", width=width)
    fold = page.locator(".board-metrics details")
    fold.locator("summary").click()
    rows = fold.get_by_role("row")
    expect(rows.first.locator("th")).to_have_text(["metric", "none", "full", "lora"])
    runs = {run["method"]: run["run"] for run in server.runs(raced)}
    ends = [
        [event for event in server.journal(runs[method]) if event["event"] == "evaluated"][-1]
        for method in ("none", "full", "lora")
    ]
    bleu = fold.get_by_role("row").filter(has=page.get_by_role("rowheader", name="BLEU", exact=True))
    expect(bleu.get_by_role("cell")).to_have_text([f"{event['scores']['sacrebleu']:.1f}" for event in ends])
    perplexity = fold.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Perplexity", exact=True))
    expect(perplexity.get_by_role("cell")).to_have_text([f"{math.exp(event['loss']):,.2f}" for event in ends])
    expect(fold.get_by_role("listitem").filter(has_text="BLEU: runs of 1 to 4 words")).to_contain_text("tok:13a")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_compare_folds_them_below_its_results(visit: Any, show_tab: Any, raced: str, width: int) -> None:
    page = visit(width=width)
    panel = show_tab(page, "Compare")
    fold = panel.locator("details").filter(has_text="More metrics").first
    fold.locator("summary").click()
    expect(fold.get_by_role("rowheader", name="Perplexity", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
