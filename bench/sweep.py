"""Which learning rate serves each method best on the pocket model: the data behind the defaults.

    python bench/sweep.py                        # all methods, adds to bench/sweep.csv
    python bench/sweep.py -m lora -m prompt      # some methods

Every row is one run: same model, batches and steps; only task, method, rate and seed differ. The rate chosen is the
lowest whose mean final evaluation loss over tasks and seeds is within 5 % of the best: near the best loss a lower rate
forgets far less and stands further from where training breaks. Rows that are there already are not run again.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from rows import Row, race_missing, read

from workbench.methods import METHODS
from workbench.spec import Budget, Choice, RunSpec, parse_choice

TABLE = Path(__file__).parent / "sweep.csv"
RATES = [1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1e0]
CLOSE = 1.05  # times the best mean loss
# Rates tried for each method; where the best one is at an edge, the range has to be widened.
RANGES = {
    "full": (3e-4, 1e-2),
    "mezo": (1e-6, 3e-3),
    "lomo": (1e-2, 1e0),
    "scratch": (3e-4, 1e-2),
    "last_layers": (3e-4, 3e-2),
    "gradual_unfreezing": (3e-4, 3e-2),
    "feature_based": (3e-4, 3e-2),
    "bitfit": (1e-3, 3e-1),
    "adapter": (1e-3, 3e-2),
    "compacter": (3e-3, 1e-1),
    "lora": (1e-3, 3e-2),
    "adalora": (3e-3, 3e-1),
    "hira": (1e-3, 1e-1),
    "road": (3e-3, 3e-1),
    "c3a": (1e-2, 1e0),
    "delora": (1e-4, 1e-1),
    "gralora": (1e-3, 3e-2),
    "deft": (1e-3, 3e-2),
    "peanut": (1e-3, 1e-1),
    "glora": (1e-3, 3e-2),
    "ia3": (3e-3, 3e-1),
    "diff_pruning": (1e-3, 1e-1),
    "intrinsic": (1e-2, 1e0),
    "ln_tuning": (3e-3, 3e-1),
    "beft": (1e-2, 1e0),
    "adaption_prompt": (3e-3, 3e-1),
    "trainable_tokens": (1e-3, 1e0),
    "loha": (1e-3, 1e-1),
    "lokr": (1e-3, 1e-1),
    "oft": (3e-4, 1e-1),
    "boft": (1e-3, 1e-1),
    "hra": (1e-3, 3e-1),
    "psoft": (3e-4, 3e-2),
    "osf": (3e-4, 3e-2),
    "miss": (3e-4, 3e-2),
    "vera": (1e-3, 1e0),
    "pvera": (1e-2, 1e0),
    "unilora": (3e-2, 1e0),
    "tinylora": (3e-3, 3e-1),
    "vblora": (1e-3, 1e-1),
    "randlora": (3e-4, 3e-2),
    "fourierft": (1e-2, 1e0),
    "waveft": (1e-4, 3e-2),
    "shira": (1e-3, 3e-1),
    "prefix": (1e-3, 1e0),
    "mam": (3e-4, 3e-2),
    "adamix": (1e-3, 3e-2),
    "longlora": (1e-3, 3e-2),
    "prompt": (1e-2, 1e0),
    "multitask_prompt": (1e-2, 1e0),
    "prompt_mixture": (1e-2, 1e0),
    "autoprompt": (1e0, 1e0),  # its step has no rate
    "p_tuning": (1e-3, 1e-1),
}


def main() -> None:
    """Run what is missing and print the rate chosen for each method."""
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
            specs = [
                RunSpec(options.model, Choice(task), choice, budget=budget(options.steps, rate), seed=seed)
                for choice in choices
                for rate in rates(choice.name)
            ]
            race_missing(specs, TABLE)
    for method, rate, loss in chosen_rates([row for row in read(TABLE) if row.model == options.model]):
        print(f"{method:40} {rate:8.0e}   mean loss {loss:.3f}")


def rates(method: str) -> list[float]:
    """The rates to try for a method."""
    low, high = RANGES.get(method, (1e-4, RATES[-1]))
    return [rate for rate in RATES if low <= rate <= high]


def budget(steps: int, rate: float) -> Budget:
    """The same budget for every run of the sweep, evaluated at the start and the end and never scored."""
    return replace(
        Budget(), steps=steps, learning_rate=rate, evaluate_every=steps, sample_every=steps, metric_examples=0
    )


def chosen_rates(rows: list[Row]) -> list[tuple[str, float, float]]:
    """For each method the lowest rate that comes close to its best, and its mean loss; one that ever failed is out."""
    losses: dict[tuple[str, float], list[float]] = {}
    for row in rows:
        losses.setdefault((row.method, row.learning_rate), []).append(row.loss)
    means = {key: sum(found) / len(found) for key, found in losses.items()}
    whole = {key: mean for key, mean in means.items() if mean == mean}  # NaN is not itself
    least = {method: min(mean for (other, _), mean in whole.items() if other == method) for method, _ in whole}
    chosen: dict[str, tuple[float, float]] = {}
    for (method, rate), mean in sorted(whole.items()):
        if mean <= CLOSE * least[method]:
            chosen.setdefault(method, (rate, mean))
    return [(method, rate, mean) for method, (rate, mean) in chosen.items()]


if __name__ == "__main__":
    main()
