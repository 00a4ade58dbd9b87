"""The warm parent gets ready on a machine that has the set-up's packages and no other."""

import sys
from importlib.machinery import ModuleSpec
from typing import Any

import pytest

from workbench.jobs.warmth import Warmth
from workbench.methods import METHODS
from workbench.training import build
from workbench.training.check import Checked

EXTRA = {package for method in METHODS.values() for package in method.packages}


class Absent:
    """An import finder for which the extra packages are not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name.partition(".")[0] in EXTRA:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def test_it_rehearses_every_method_that_the_set_up_can_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    assert EXTRA, "nothing is hidden"
    for package in EXTRA:
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    rehearsed: list[str] = []
    whole = build.build_run

    def build_run(checked: Checked, *others: Any) -> Any:
        rehearsed.append(checked.method.name)
        return whole(checked, *others)

    monkeypatch.setattr(build, "build_run", build_run)
    warmth = Warmth(["pocket-gpt-nano"], ["feelings"])
    while warmth.has_more:
        warmth.warm_one()
    assert rehearsed == [name for name, method in METHODS.items() if not method.packages]
