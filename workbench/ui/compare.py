"""Compare: any runs that ended, from any race, in the same pictures as the report."""

from typing import Any

import gradio as gr

from workbench.server.desk import Desk
from workbench.ui.asking import owner_of, run_choices, told
from workbench.views import VIEWS

ENDED = ("finished", "stopped", "failed", "interrupted")
PICTURES = ("curves", "quality", "forgetting", "counts")
HEADS = ["run", "state", "moving numbers", "% of all", "held-out loss", "score", "forgets", "seconds", "tokens/s"]
COLUMNS = (  # of the view of results, with the digits that are shown
    ("label", None), ("state", None), ("trainable", None), ("percent", 3), ("loss", 3), ("metric", 3), ("change", 3),
    ("seconds", 1), ("tokens_per_second", 0),
)  # fmt: skip
MOST = 24


def build(desk: Desk, tab: gr.Tab) -> None:
    """The choice of runs, a table and the pictures."""
    gr.Markdown("Choose any runs that have ended, also from different races. A column head sorts the table.")
    runs = gr.Dropdown([], multiselect=True, max_choices=MOST, label="Runs", info="the newest first")
    differences = gr.Dataframe(interactive=False, label="Where the set-ups differ", wrap=True)
    table = gr.Dataframe(headers=HEADS, interactive=False, label="Results", wrap=True, column_count=len(HEADS))
    plots = []
    with gr.Column(visible=False) as pictures:
        for name in PICTURES:
            gr.Markdown(f"## {VIEWS[name].title}\n{VIEWS[name].explains}")
            plots.append(gr.Plot(label=VIEWS[name].title, show_label=False))

    @told
    def refresh(chosen: list[str], request: gr.Request) -> Any:
        choices = run_choices(desk, owner_of(request), ENDED)
        known = [run for _, run in choices]
        kept = [run for run in chosen or [] if run in known]
        return gr.update(choices=choices, value=kept or _latest_race(desk, owner_of(request)))

    @told
    def compare(chosen: list[str], request: gr.Request) -> list[Any]:
        if not chosen:
            return [gr.update(value=[]), gr.update(value=[]), gr.update(visible=False), *([None] * len(PICTURES))]
        shown = desk.shown(chosen, owner_of(request))
        rows = [[_shown(row[key], digits) for key, digits in COLUMNS] for row in VIEWS["results"]().table(shown)]
        figures = [view.figure(view.table(shown)) for view in (VIEWS[name]() for name in PICTURES)]
        heads, values = desk.differences(chosen, owner_of(request))
        return [gr.update(headers=heads, value=values), gr.update(value=rows), gr.update(visible=True), *figures]

    tab.select(refresh, runs, runs, show_progress="hidden")
    runs.change(compare, runs, [differences, table, pictures, *plots], show_progress="hidden")


def _latest_race(desk: Desk, owner: str) -> list[str]:
    """The runs of the newest race that has ended."""
    ended = [entry for entry in desk.entries(owner) if entry.state in ENDED]
    return [entry.run for entry in ended if entry.race == ended[0].race][:MOST] if ended else []


def _shown(value: Any, digits: int | None) -> Any:
    return round(value, digits) if isinstance(value, float) else value
