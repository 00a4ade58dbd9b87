"""Sentences about a race are said only where its numbers bear them out."""

from workbench.views.findings import findings


def said(*runs) -> str:
    return " ".join(findings(runs))


def test_a_run_close_to_full_tuning_is_said_to_be_so(make_run) -> None:
    words = said(make_run("full", 1000, losses=(2.0, 1.0)), make_run("lora", 11, losses=(2.0, 1.029)))
    assert "lora came within 2.9 % of full tuning's loss with 1.1 % of the parameters." in words


def test_within_is_never_rounded_down(make_run) -> None:
    words = said(make_run("full", 1000, losses=(2.0, 1.0)), make_run("lora", 11, losses=(2.0, 1.0291)))
    assert "within 3 %" in words


def test_a_run_that_beats_full_tuning_is_said_to_do_so(make_run) -> None:
    words = said(make_run("full", 1000, losses=(2.0, 1.0)), make_run("lora", 10, losses=(2.0, 0.9)))
    assert "lora matched or beat full tuning (0.900 against 1.000) with 1 % of the parameters." in words


def test_a_run_far_from_full_tuning_is_not_called_close(make_run) -> None:
    words = said(make_run("full", 1000, losses=(2.0, 1.0)), make_run("prompt", 10, losses=(2.0, 1.5)))
    assert "within" not in words
    assert "the nearest other run, prompt, ended 50 % higher" in words


def test_tuned_runs_that_lose_to_the_base_are_named(make_run) -> None:
    none = make_run("none", 0, losses=(2.0,))
    assert "Every tuned run ended below the untuned base model's loss of 2.000." in said(none, make_run("lora"))
    assert "Not better than the untuned base (2.000): prompt." in said(none, make_run("prompt", losses=(2.0, 2.1)))


def test_the_gap_to_scratch_is_the_worth_of_transfer(make_run) -> None:
    words = said(make_run("full", losses=(2.0, 1.0)), make_run("scratch", losses=(9.0, 3.0)))
    assert "transfer is worth 2.000 nats per token" in words
    words = said(make_run("full", losses=(2.0, 1.0)), make_run("scratch", losses=(9.0, 1.0)))
    assert "no transfer shows" in words


def test_forgetting_names_most_and_least(make_run) -> None:
    words = said(make_run("full", base_losses=(0.5, 0.75)), make_run("lora", base_losses=(0.5, 0.55)))
    assert "full forgot most: its loss on the base's own domain rose by 0.250" in words
    assert "lora least (+0.050)" in words


def test_little_forgetting_is_not_made_much_of(make_run) -> None:
    assert "No tuned run forgot much" in said(make_run("full"), make_run("lora"))


def test_a_failed_run_is_named_and_not_ranked(make_run) -> None:
    words = said(make_run("full", losses=(2.0, 1.0)), make_run("lora", losses=(2.0, 0.1), failure="The loss is NaN."))
    assert "lora is failed, not finished: The loss is NaN." in words
    assert "lora reached" not in words


def test_nothing_is_said_of_nothing() -> None:
    assert findings([]) == []


def test_words_that_were_learned_can_be_read(make_run) -> None:
    run = make_run("autoprompt")
    run.history.words = "red\n<b>noise</b> boat"
    assert "autoprompt put these words before every text: red <b>noise</b> boat" in said(run)
    assert "these words" not in said(make_run("prompt"))
