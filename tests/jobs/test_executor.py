"""Work in forked processes: what it writes, and what is left when a worker or its warm parent is killed."""

import os
import signal

import pytest

from workbench.errors import RunError
from workbench.history import History, fold
from workbench.runs.journal import read_events
from workbench.runs.summary import read_history
from workbench.server.desk import LOCAL
from workbench.spec import Choice, RunSpec


def test_a_race_leaves_whole_journals(races) -> None:
    race = races.submit(races.tiny)
    assert races.finish(race) == ["finished", "finished"]
    for entry in races.desk.index.entries(race):
        events = read_events(races.desk.folder(entry.run, LOCAL).journal)
        assert [event.seq for event in events] == list(range(len(events)))
        assert fold(events, History(entry.run)).state == "finished"
        assert entry.summary["loss"]["eval_final"] is not None
    assert read_history(races.lora(race)).step == 2
    assert races.lora(race).artifact.is_dir()


def test_a_killed_worker_interrupts_its_run_which_goes_on_to_the_same_curve(races, unbroken, until, is_gone) -> None:
    race = races.submit(races.long)
    worker = races.reach_halfway(race)
    os.kill(worker, signal.SIGKILL)
    assert races.finish(race) == ["finished", "interrupted"]
    assert is_gone(worker)
    other = races.submit(races.tiny)
    assert races.finish(other) == ["finished", "finished"]  # the executor still serves
    assert races.go_on(race) == ["finished", "finished"]
    assert races.curve(race) == races.curve(unbroken)


def test_a_run_that_was_stopped_goes_on_to_the_same_curve(races, unbroken) -> None:
    race = races.submit(races.long)
    races.reach_halfway(race)
    races.desk.stop([races.lora(race).id], LOCAL)
    assert races.finish(race) == ["finished", "stopped"]
    assert races.go_on(race) == ["finished", "finished"]
    assert races.curve(race) == races.curve(unbroken)


def test_a_stop_that_comes_before_the_worker_does_counts(races) -> None:
    parent = races.desk.executor.process.pid
    os.kill(parent, signal.SIGSTOP)
    race = races.submit(races.long)
    races.desk.stop([races.lora(race).id], LOCAL)
    os.kill(parent, signal.SIGCONT)
    assert races.finish(race) == ["finished", "stopped"]
    assert read_history(races.lora(race)).step == 1


def test_a_killed_warm_parent_takes_its_worker_along_and_is_replaced(races, unbroken, until, is_gone) -> None:
    executor, race = races.desk.executor, races.submit(races.long)
    worker, parent = races.reach_halfway(race), executor.process.pid
    codes: list[int] = []
    idle = executor.start({"kind": "look", "spec": RunSpec().to_json()}, codes.append)
    os.kill(parent, signal.SIGKILL)
    assert races.finish(race) == ["finished", "interrupted"]
    until(lambda: is_gone(worker) and is_gone(parent))
    until(lambda: executor.is_ready)
    assert executor.process.pid != parent
    assert codes and idle.id not in executor.jobs
    assert races.go_on(race) == ["finished", "finished"]
    assert races.curve(race) == races.curve(unbroken)


def test_a_look_shows_the_tokens_and_which_of_them_are_learned(races) -> None:
    seen = races.desk.look(RunSpec(), LOCAL)
    assert seen["sentences"] and all(isinstance(sentence, str) for sentence in seen["sentences"])
    record = seen["records"][0]
    words = {flag: "".join(text for text, learned, _ in record["tokens"] if learned is flag) for flag in (False, True)}
    assert record["target"].split()[0] in words[True]
    assert record["prompt"].split()[0] in words[False]


def test_a_look_at_many_examples_counts_the_first_and_says_so(races, tmp_path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("prompt,target\n" + "".join(f"ask {number},say {number}\n" for number in range(6000)))
    seen = races.desk.look(RunSpec(task=Choice("own_file", {"path": str(path)})), LOCAL)
    assert seen["sentences"][0] == "Counted are the first 5,000 of 5,400 training examples."
    assert seen["sentences"][1].startswith("5000 examples have ")
    assert len(seen["records"]) == 3 and any("6000 examples" in note for note in seen["notes"])


def test_what_cannot_be_looked_at_is_one_sentence(races) -> None:
    with pytest.raises(RunError, match="Did you mean describe"):
        races.desk.look(RunSpec(task=Choice("describ")), LOCAL)


def test_a_range_test_gives_the_curve_and_a_rate_to_try(races) -> None:
    found = races.desk.rates(RunSpec("pocket-gpt-nano", method=Choice("full")), LOCAL)
    assert len(found["rates"]) == len(found["losses"]) and found["suggested"] in found["rates"]
    assert found["losses"][found["rates"].index(found["suggested"])] < found["losses"][0]
    with pytest.raises(RunError, match="one that trains"):
        races.desk.rates(RunSpec(method=Choice("none")), LOCAL)


def written(races, artifacts: list[str | None], scale: float) -> list[str]:
    """What the base and tuned runs write."""
    what = {"kind": "write", "model": "pocket-gpt", "artifacts": artifacts, "prompt": "name [Ben]", "scale": scale}
    texts = [""] * len(artifacts)
    for message in races.desk.ask({**what, "temperature": 0.0, "top_p": 1.0, "seed": 0, "tokens": 16}):
        texts[message["place"]] += message.get("text", "")
    return texts


def test_a_tuned_run_writes_otherwise_than_the_base_until_its_change_is_turned_off(races, unbroken) -> None:
    artifacts = [None, str(races.lora(unbroken).artifact)]
    base, tuned = written(races, artifacts, 1.0)
    assert base and tuned and base != tuned
    assert written(races, artifacts, 0.0) == [base, base]


def test_an_unknown_model_is_refused_in_one_sentence(races) -> None:
    with pytest.raises(RunError, match="Did you mean pocket-gpt"):
        list(races.desk.ask({"kind": "write", "model": "pocket-gp", "artifacts": [], "prompt": ""}))


def test_a_reader_that_goes_ends_the_work(races, until, is_gone) -> None:
    what = {"kind": "write", "model": "pocket-gpt", "artifacts": [None], "prompt": "Once", "tokens": 200}
    words = races.desk.ask({**what, "temperature": 1.0, "top_p": 1.0, "seed": 0})
    next(words)
    (job,) = races.desk.executor.jobs.values()
    words.close()
    until(lambda: is_gone(job.process))
    until(lambda: not races.desk.executor.jobs)
