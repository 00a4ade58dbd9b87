"""What a setting does on the pocket model: LoRA's rank, and the learning rate of full tuning and LoRA; three seeds.

    python bench/settings.py     # runs what bench/settings.csv lacks, prints tables, draws docs/pictures/sweep-*.png

The pictures are those of the view `sweep`, as the report and Compare draw it; a Chromium turns them into files.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
from playwright.sync_api import sync_playwright
from rows import Row, race_missing

from workbench.events import Evaluated, Finished, Started
from workbench.history import History, fold
from workbench.report.race import shown
from workbench.spec import Budget, Choice, RunSpec, parse_choice, parse_choices
from workbench.views.contract import ShownRun
from workbench.views.sweep import Sweep

TABLE = Path(__file__).parent / "settings.csv"
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SEEDS = (0, 1, 2)
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
STEPS = 150


def main() -> None:
    """Run what is missing, print and draw."""
    base = replace(Budget(), steps=STEPS, evaluate_every=STEPS, sample_every=STEPS, metric_examples=0)
    ranks = [spec(choice, base, seed) for seed in SEEDS for choice in parse_choices(["lora:rank=1,2,4,8,16,32"])]
    rates = [
        spec(parse_choice(method), replace(base, learning_rate=rate), seed)
        for seed in SEEDS
        for method in ("full", "lora")
        for rate in RATES
    ]
    for name, specs in {"rank": ranks, "rate": rates}.items():
        for seed in SEEDS:
            race_missing([one for one in specs if one.seed == seed], TABLE)
        rows = {row.key: row for row in race_missing([], TABLE)}
        runs = shown(specs, [history_of(one, rows) for one in specs])
        print(f"\n### {name}\n", *lines(runs), sep="\n")
        draw(Sweep().figure(Sweep().table(runs)), PICTURES / f"sweep-{name}.png")


def spec(method: Choice, budget: Budget, seed: int) -> RunSpec:
    """One run on describe."""
    return RunSpec("pocket-gpt", Choice("describe"), method, budget=budget, seed=seed)


def history_of(one: RunSpec, rows: dict[tuple[object, ...], Row]) -> History:
    """A history that holds what the row says."""
    from rows import key_of

    row = rows[key_of(one)]
    started = Started("run", 0, steps=row.steps, learning_rate=row.learning_rate)
    return fold([started, Evaluated("run", 1, row.steps, loss=row.loss), Finished("run", 2, row.steps)], History("run"))


def lines(runs: list[ShownRun]) -> list[str]:
    """A Markdown table of the view's rows."""
    head = ["| method | setting | value | held-out loss |", "|---|---|---|---|"]
    return head + [
        f"| {row['method']} | {row['setting']} | {row['value']:g} | {row['quality']:.3f} ± {row['deviation']:.3f} |"
        for row in Sweep().table(runs)
    ]


def draw(figure: go.Figure, file: Path) -> None:
    """The figure as a PNG on white."""
    figure.update_layout(paper_bgcolor="white", plot_bgcolor="white", width=900, height=420)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 920, "height": 440})
        page.set_content(figure.to_html(include_plotlyjs=True, config={"staticPlot": True}))
        page.locator(".js-plotly-plot").screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    main()
