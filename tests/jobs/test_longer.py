"""With the real warm parent: finished runs get more steps, and it tells how fast this machine is."""

from workbench.menu.duration import Pace
from workbench.menu.estimate import estimated
from workbench.runs.summary import read_history
from workbench.server.desk import LOCAL
from workbench.spec import Choice, RunSpec


def test_a_finished_race_trains_longer_in_its_own_runs(races) -> None:
    race = races.submit(races.tiny)
    assert races.finish(race) == ["finished", "finished"]
    runs = [entry.run for entry in races.desk.index.entries(race)]
    races.desk.extend(runs, LOCAL, 3)
    assert races.finish(race) == ["finished", "finished"]
    base, lora = races.desk.index.entries(race)
    assert (base.step, lora.step, lora.steps) == (0, 5, 5)
    assert lora.spec["budget"]["steps"] == 5
    assert [step for step, _ in read_history(races.lora(race)).losses] == [1, 2, 3, 4, 5]


def test_the_warm_parent_measures_the_pace_of_this_machine(races, until) -> None:
    until(lambda: len(races.desk.executor.pace.get("tokens", ())) > 1)
    pace = Pace(**races.desk.executor.pace)
    assert 1e-7 < pace.read < 1e-2 and pace.write > 0 and pace.domain > 0 and pace.cores >= 1
    assert 10 < pace.tokens["describe"] < 256
    specs = [RunSpec(method=Choice(name)) for name in ("none", "full", "lora")]
    assert 1 < races.desk.forecast(specs, estimated(specs))["seconds"] < 3600
