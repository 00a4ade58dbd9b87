"""Which learning rate serves each method best on the pocket model: the data behind the defaults.

    python bench/sweep.py                        # all methods, adds to bench/sweep.csv
    python bench/sweep.py -m lora -m prompt      # some methods

Every row is one run: same model, task, batches and steps; only method, rate and seed differ. A rate counts as
best by its mean final evaluation loss over tasks and seeds. Rows that are there already are not run again.
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path

from workbench.events import Event
from workbench.history import History, fold
from workbench.methods import METHODS
from workbench.spec import Budget, Choice, RunSpec, parse_choice
from workbench.training.race import race

TABLE = Path(__file__).parent / "sweep.csv"
COLUMNS = ["model", "task", "method", "learning_rate", "seed", "steps", "state", "loss", "metric"]
RATES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1e0]
# Rates worth trying for each method; if the best one is at an edge, widen the range.
RANGES = {
    "full": (3e-4, 1e-2),
    "scratch": (3e-4, 1e-2),
    "last_layers": (3e-4, 1e-2),
    "gradual_unfreezing": (3e-4, 1e-2),
    "feature_based": (3e-4, 3e-2),
    "bitfit": (1e-3, 1e-1),
    "adapter": (1e-3, 3e-2),
    "lora": (1e-3, 3e-2),
    "ia3": (3e-3, 3e-1),
    "prefix": (1e-3, 1e0),
    "prompt": (1e-2, 1e0),
    "p_tuning": (1e-3, 1e-1),
}


def main() -> None:
    """Run what is missing and print the best rate of each method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--method", action="append", default=[])
    parser.add_argument("--model", default="pocket-gpt")
    parser.add_argument("--task", action="append", default=[])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args()
    choices = [parse_choice(text) for text in options.method] or [Choice(n) for n, m in METHODS.items() if m.trains]
    for task in options.task or ["describe", "instructions"]:
        for seed in range(options.seeds):
            sweep(options.model, task, choices, seed, options.steps)
    for method, rate, loss in best(read()):
        print(f"{method:40} {rate:8.0e}   mean loss {loss:.3f}")


def sweep(model: str, task: str, choices: list[Choice], seed: int, steps: int) -> None:
    """Race all rates of the methods that the table lacks."""
    done = {(row["model"], row["task"], row["method"], float(row["learning_rate"]), row["seed"]) for row in read()}
    specs = [
        RunSpec(model, Choice(task), choice, budget=budget(steps, rate), seed=seed)
        for choice in choices
        for rate in rates(choice.name)
        if (model, task, str(choice), rate, str(seed)) not in done
    ]
    for first in range(0, len(specs), 4):
        chosen = specs[first : first + 4]
        events: dict[str, list[Event]] = {str(place): [] for place in range(len(chosen))}
        for event in race(chosen, runs=list(events)):
            events[event.run].append(event)
        append([row(spec, fold(heard)) for spec, heard in zip(chosen, events.values(), strict=True)])


def rates(method: str) -> list[float]:
    """The rates to try for a method."""
    low, high = RANGES.get(method, (RATES[0], RATES[-1]))
    return [rate for rate in RATES if low <= rate <= high]


def budget(steps: int, rate: float) -> Budget:
    """The same budget for every run of the sweep, evaluated at the start and the end."""
    return replace(Budget(), steps=steps, learning_rate=rate, evaluate_every=steps, sample_every=steps)


def row(spec: RunSpec, history: History) -> dict[str, object]:
    """One line of the table."""
    loss = history.evaluations[-1][1] if history.state == "finished" else float("nan")
    metric = next(iter(history.final_scores.values()), float("nan"))
    values = [spec.model, spec.task.name, str(spec.method), spec.budget.learning_rate, spec.seed]
    return dict(zip(COLUMNS, [*values, spec.budget.steps, history.state, round(loss, 4), metric], strict=True))


def read() -> list[dict[str, str]]:
    """The table so far."""
    if not TABLE.exists():
        return []
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


def append(rows: list[dict[str, object]]) -> None:
    """Add rows to the table and show them."""
    is_first = not TABLE.exists()
    with TABLE.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if is_first:
            writer.writeheader()
        writer.writerows(rows)
    for values in rows:
        print(*values.values(), sep="\t", flush=True)


def best(rows: list[dict[str, str]]) -> list[tuple[str, float, float]]:
    """For each method its rate with the least mean loss; a rate that ever failed is out."""
    losses: dict[tuple[str, float], list[float]] = {}
    for values in rows:
        losses.setdefault((values["method"], float(values["learning_rate"])), []).append(float(values["loss"]))
    means = {key: sum(found) / len(found) for key, found in losses.items()}
    whole = {key: mean for key, mean in means.items() if mean == mean}  # NaN is not itself
    chosen: dict[str, tuple[float, float]] = {}
    for (method, rate), mean in sorted(whole.items(), key=lambda item: item[1]):
        chosen.setdefault(method, (rate, mean))
    return [(method, rate, mean) for method, (rate, mean) in sorted(chosen.items())]


if __name__ == "__main__":
    main()
