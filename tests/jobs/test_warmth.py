"""The warm parent gets ready on a machine that has the set-up's packages and no other."""

import subprocess
import sys

from workbench.methods import METHODS

# In a process of its own, since PEFT asks once and for all whether a package is there.
PROGRAM = """
import sys
from workbench.methods import METHODS

for method in METHODS.values():
    for package in method.packages:
        sys.modules[package] = None  # as if it were not installed

from workbench.jobs.warmth import Warmth
from workbench.training import build

whole = build.build_run

def build_run(checked, *others):
    print(checked.method.name)
    return whole(checked, *others)

build.build_run = build_run
warmth = Warmth(["pocket-gpt-nano"], ["feelings"])
while warmth.has_more:
    warmth.warm_one()
"""


def test_it_rehearses_every_method_that_the_set_up_can_apply() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [name for name, method in METHODS.items() if not method.packages]
    assert any(method.packages for method in METHODS.values()), "nothing was hidden"
