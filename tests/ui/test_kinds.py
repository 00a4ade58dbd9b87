"""What a kind of model cannot learn is greyed out with its reason, and what it can is raced and played with."""

import re
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pytest
from playwright.sync_api import expect
from pyarrow import parquet

from workbench.tasks.hub_data import HubData


def test_an_encoder_s_tasks_have_labels_and_the_others_say_why(visit: Any) -> None:
    page = visit("?m=full&m=lora")
    page.locator("#model-pocket-bert").click()
    expect(page.locator("#task-describe")).to_be_disabled()
    card = page.locator(".choice.misfit", has=page.locator("#task-describe"))
    expect(card).to_contain_text("An encoder fills masks and writes no text")
    expect(page.locator("#task-feelings")).to_be_checked()
    expect(page.locator("#task-follows")).to_be_enabled()
    expect(page.locator(".start .problem")).to_have_text("")
    page.get_by_role("button", name="See the data as the model does").click()
    expect(page.get_by_text("[MASK]").first).to_be_visible()
    page.locator("#model-pocket-t5").click()
    expect(page.locator("#task-describe")).to_be_enabled()
    expect(page.locator("#task-feelings")).to_be_checked()


def test_a_prompt_is_made_of_several_columns(visit: Any) -> None:
    page = visit("?task=own_file&m=lora")
    rows = "".join(f"{number},two,yes\n" for number in range(9))
    table = {"name": "mine.csv", "mimeType": "text/csv", "buffer": f"first,second,said\n{rows}".encode()}
    page.locator("#own-file").set_input_files(table)
    page.locator("#prompt_column").select_option(["first", "second"])
    page.locator("#target_column").select_option("said")
    expect(page.locator(".tokens")).to_have_count(0)
    page.get_by_role("button", name="See the data as the model does").click()
    expect(page.locator(".tokens").first).to_contain_text("second: two")
    expect(page.locator(".tokens").first).to_contain_text("yes")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_mark_before_final_answers_is_named_and_stays_in_the_link(visit: Any, complaints: Any, width: int) -> None:
    complaints.allowed.add("422")
    page = visit("?task=own_file&m=lora", width=width)
    rows = "".join(f"{number} + 1,So it is. The answer: {number + 1}\n" for number in range(9))
    table = {"name": "sums.csv", "mimeType": "text/csv", "buffer": f"question,answer\n{rows}".encode()}
    page.locator("#own-file").set_input_files(table)
    expect(page.locator(".tokens").first).to_be_visible()
    mark, look = page.get_by_label("answer after"), page.get_by_role("button", name="See the data as the model does")
    expect(mark).to_be_hidden()
    page.get_by_text("How answers, chats and passages are read").click()
    expect(page.locator(".knob", has=mark)).to_contain_text("the final answer stands behind the last such mark")
    mark.fill("Answer =")
    look.click()
    expect(page.get_by_role("alert").get_by_text("answer_after is 'Answer =', but allowed is a mark")).to_be_visible()
    mark.fill("The answer:")
    look.click()
    expect(page.get_by_text("what stands behind the last The answer:: 9 of 9 targets hold it")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_url(re.compile("answer_after%3DThe"))
    page.reload()
    expect(mark).to_have_value("The answer:")
    expect(mark).to_be_visible()
    mark.fill("")
    page.wait_for_url(lambda url: "answer_after" not in url)


def test_a_head_is_picked_where_there_are_labels_and_stays_picked(visit: Any) -> None:
    page = visit("?task=describe&m=none&m=lora:rank=2&b.steps=2&b.evaluation_examples=4&b.metric_examples=2")
    head = page.locator("#objective-classification")
    expect(head).to_be_disabled()
    expect(page.locator(".choice.misfit", has=head)).to_contain_text("chooses among a few labels")
    page.locator("#task-feelings").click()
    head.click()
    expect(page.locator(".choice.chosen .title")).to_have_text(["Feature-based", "LoRA"])  # none cannot answer
    none = page.locator("#method-none-0")
    expect(none).to_be_disabled()
    expect(page.locator(".choice.misfit", has=none)).to_contain_text("random until it is trained")
    page.get_by_role("button", name="See the data as the model does").click()
    expect(page.locator(".tokens").first).to_be_visible()
    expect(page.locator(".tokens .learned")).to_have_count(0)
    page.get_by_role("button", name="Start the race").click()
    expect(page.get_by_role("button", name="Change something and race again")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("by the right answer, in nats per answer; lower is better")).to_be_visible()
    units = ["nats per answer", "nats per answer", "nats per token", "0 to 1"]  # what is forgotten are the base's texts
    expect(page.locator(".board-curves .ytitle")).to_have_text(units)
    page.get_by_role("button", name="Change something and race again").click()
    expect(page.locator("#objective-classification")).to_be_checked()
    page.locator("#task-describe").click()
    expect(page.locator("#objective-language_modelling")).to_be_checked()


def test_a_dataset_of_the_hub_is_fetched_and_its_columns_are_picked(
    server: Any, visit: Any, complaints: Any, monkeypatch: Any
) -> None:
    complaints.allowed.add("422")
    monkeypatch.setenv("WORKBENCH_HOME", str(server.home))
    file = HubData("owner/name", rows=9).file  # as a fetch leaves it
    file.parent.mkdir(parents=True)
    parquet.write_table(pa.table({"first": range(9), "said": ["yes"] * 9, "more": ["no"] * 9}), file)
    page = visit("?task=own_file&m=lora")
    page.get_by_text("Or a dataset of the hub").click()
    page.get_by_label("Its id on the hub").fill("owner/name")
    fetch = page.get_by_role("button", name="Fetch the dataset")
    fetch.click()
    expect(page.get_by_text("HF_HUB_OFFLINE forbids asking the hub")).to_be_visible()
    page.locator("#task-rows").fill("9")
    fetch.click()
    expect(page.get_by_text("owner/name is here.")).to_be_visible()
    page.locator("#prompt_column").select_option("first")
    page.locator("#target_column").select_option("said")
    page.get_by_role("button", name="See the data as the model does").click()
    expect(page.locator(".tokens").first).to_contain_text("yes")
    expect(page.get_by_text("The first 9 rows of owner/name").last).to_be_visible()
    assert "own_file:rows=9:path=hub:owner/name:prompt_column=first" in unquote(page.url)


def test_a_file_whose_columns_are_clear_is_shown_as_the_model_reads_it(visit: Any) -> None:
    page = visit("?task=own_file&m=lora")
    rows = "".join(f"Hi {number} <|im_start|>,Hello {number}\n" for number in range(9))
    table = {"name": "mine.csv", "mimeType": "text/csv", "buffer": f"ask,say\n{rows}".encode()}
    page.locator("#own-file").set_input_files(table)
    expect(page.locator(".tokens").first).to_contain_text("Hello")
    expect(page.get_by_text("hold <|im_start|>, marks of ChatML: this model has no chat template")).to_be_visible()
