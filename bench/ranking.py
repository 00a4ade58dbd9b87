"""How the methods rank on the pocket model: same data, budget and evaluation, several seeds.

    python bench/ranking.py                      # all methods, adds to bench/ranking.csv, prints the tables
    python bench/ranking.py --task pirate --seeds 5

Every method learns at its own default rate, which bench/sweep.py found. The tables give mean and standard deviation
over the seeds, in the order of the mean final evaluation loss.
"""

import argparse
import statistics
from dataclasses import replace
from pathlib import Path

from rows import Row, race_missing, read

from workbench.methods import METHODS
from workbench.spec import Budget, Choice, RunSpec, parse_choice

TABLE = Path(__file__).parent / "ranking.csv"
EXAMINED = 256  # held-out examples for the loss; half as many are scored


def main() -> None:
    """Run what is missing and print one table a task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--method", action="append", default=[])
    parser.add_argument("--model", default="pocket-gpt")
    parser.add_argument("--task", action="append", default=[])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args()
    choices = [parse_choice(text) for text in options.method] or [Choice(name) for name in METHODS]
    tasks = options.task or ["describe", "instructions"]
    for task in tasks:
        for seed in range(options.seeds):
            specs = [
                RunSpec(options.model, Choice(task), choice, budget=budget(options.steps), seed=seed)
                for choice in choices
            ]
            race_missing(specs, TABLE, at_once=len(specs))
    for task in tasks:
        rows = [row for row in read(TABLE) if (row.model, row.task, row.steps) == (options.model, task, options.steps)]
        print(f"\n### {task}\n", *table(rows), sep="\n")


def budget(steps: int) -> Budget:
    """The default budget, looked at closely at the start and the end."""
    return replace(
        Budget(),
        steps=steps,
        evaluate_every=steps,
        sample_every=steps,
        evaluation_examples=EXAMINED,
        metric_examples=EXAMINED // 2,
    )


def table(rows: list[Row]) -> list[str]:
    """Lines of a Markdown table, best loss first; a method with a failed run says so."""
    methods: dict[str, list[Row]] = {}
    for row in rows:
        methods.setdefault(row.method, []).append(row)
    ranked = sorted(methods.items(), key=lambda item: statistics.fmean(row.loss for row in item[1]))
    lines = ["| method | trained | loss | score | forgetting | seeds |", "|---|---|---|---|---|---|"]
    for method, runs in ranked:
        columns = [spread([getattr(run, name) for run in runs]) for name in ("loss", "score", "forgotten")]
        percent = f"{runs[0].percent:.2f} %"
        lines.append("| " + " | ".join([method, percent, *columns, str(len(runs))]) + " |")
    return lines


def spread(values: list[float]) -> str:
    """Mean and standard deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.3f} ± {deviation:.3f}"


if __name__ == "__main__":
    main()
