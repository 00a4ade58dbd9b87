"""What the lessons measure, at a budget that claims can be judged by: every race of a lesson's notebook, kept.

    python bench/lessons.py 02 08                  # these lessons at the laptop budget, adds to bench/lessons.json
    python bench/lessons.py                        # all of them
    WORKBENCH_BUDGET=gpu python bench/lessons.py   # with a real model

The teacher's notebook runs as it is, so what is written down is what a student sees. A race is any list of runs that a
notebook has a name for. Losses and forgetting are in nats per token, one number a seed, in the order of the seeds.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import torch
import transformers

from workbench.lessons.budget import budget
from workbench.lessons.build import FOLDER
from workbench.lessons.twins import lessons, teacher

TABLE = Path(__file__).parent / "lessons.json"
GATHER = """
import json as _json
from workbench.views.contract import ShownRun as _ShownRun
from workbench.views.seeds import grouped as _grouped

def _numbers(group):
    histories = [run.history for run in group.runs]
    return {
        "percent": histories[0].counts.get("percent"),
        "seeds": [run.seed for run in group.runs],
        "losses": [round(history.evaluations[-1][1], 4) for history in histories],
        "scores": [round(h.scores[-1][1][r.metric], 4) for h, r in zip(histories, group.runs) if h.scores and r.metric],
        "forgetting": [round(h.forgetting["after"] - h.forgetting["before"], 4) for h in histories if h.forgetting],
    }

_races = {
    name: {group.label: _numbers(group) for group in _grouped(value)}
    for name, value in list(globals().items())
    if isinstance(value, list) and value and all(isinstance(run, _ShownRun) for run in value)
    if not name.startswith("_")
}
print(_json.dumps(_races))
"""


def main() -> None:
    """Run the lessons that are asked for and write down what they measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", nargs="*", help="numbers of lessons, such as 02; without one, all")
    options = parser.parse_args()
    for source in lessons(FOLDER):
        if not options.lesson or source.stem[:2] in options.lesson:
            found = measured(source)
            kept = json.loads(TABLE.read_text()) if TABLE.exists() else {}
            kept[f"{source.stem}, {budget().name}"] = found
            TABLE.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")
            print(source.stem, json.dumps(found, indent=1))


def measured(source: Path) -> dict[str, Any]:
    """Run a lesson with its solutions; where, how long, and every race of it."""
    os.environ["WORKBENCH_CHECK"] = "strict"
    notebook = teacher(source.read_text(), source.stem)
    notebook.cells.append(nbformat.v4.new_code_cell(GATHER))
    began = time.perf_counter()
    nbclient.NotebookClient(notebook, timeout=None, kernel_name="python3").execute(cwd=str(FOLDER))
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "seconds": round(time.perf_counter() - began),
        "races": json.loads(notebook.cells[-1].outputs[-1]["text"]),
    }


if __name__ == "__main__":
    main()
