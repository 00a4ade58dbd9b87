"""Compare: any runs that ended, from any race: tables, pictures and samples side by side, and what to take away."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from workbench.report.differences import differences
from workbench.server.comparison import comparison
from workbench.server.desk import Desk
from workbench.ui import tables
from workbench.ui.asking import AT_ONCE, owner_of, run_choices, told
from workbench.views import VIEWS
from workbench.views.contract import MOST_RUNS, ShownRun
from workbench.views.findings import findings
from workbench.views.seeds import group_rows, grouped

ENDED = ("finished", "stopped", "failed", "interrupted")
COSTS = {
    "parameters": "quality", "time": "quality_time", "memory": "quality_memory", "forgetting": "quality_forgetting",
    "a swept setting": "sweep",
}  # fmt: skip
LEAD = (
    "Choose any runs that have ended, also from different races. "
    "Runs that differ in nothing but the seed are taken together."
)
SORT = "import('/page/sort.js').then((part) => part.mount(element));"
# A tab that was clicked before the page listened is open, and nobody has asked for what is on it.
IS_OPEN = """(chosen) => {
  const tab = document.querySelector('[role="tab"][aria-selected="true"]');
  return tab?.textContent.trim() === "Compare" ? (chosen ?? []) : null;
}"""
SAVE = "(...inputs) => {{ import('/page/picture.js').then((part) => part.save('{place}', `{title}`)); return []; }}"


def build(desk: Desk, blocks: gr.Blocks, tab: gr.Tab) -> None:
    """The choice of runs, then what they came to in tables, pictures and samples."""
    gr.Markdown(LEAD)
    runs = gr.Dropdown(
        [], multiselect=True, max_choices=MOST_RUNS, label="Runs", info=f"the newest first, up to {MOST_RUNS}"
    )
    with gr.Column(visible=False) as page:
        numbers = gr.HTML(apply_default_css=False, js_on_load=SORT)
        curves = _picture("curves")
        cost, explained, quality = _quality()
        others = [_picture("forgetting"), _picture("counts")]
        samples = gr.HTML(apply_default_css=False, js_on_load=None)

    @told
    def refresh(chosen: list[str], request: gr.Request) -> Any:
        choices = run_choices(desk, owner_of(request), ENDED)
        known = [run for _, run in choices]
        kept = [run for run in chosen or [] if run in known]
        return gr.update(choices=choices, value=kept or _latest_race(desk, owner_of(request)))

    @told
    def compare(chosen: list[str], against: str, request: gr.Request) -> list[Any]:
        if not chosen:
            return [gr.update(visible=False), *[gr.skip()] * 7]
        side = comparison(desk, chosen, owner_of(request))
        heads, rows = differences(side.race.specs)
        return [
            gr.update(visible=True),
            tables.together(
                tables.exports(chosen),
                tables.notes(findings(side.runs)),
                tables.results_table(side.runs, group_rows(grouped(side.runs))),
                tables.differences_table([run.label for run in side.runs], heads, rows),
            ),
            _figure("curves", side.runs),
            *_weighed(against, side.runs),
            _figure("forgetting", side.runs),
            _figure("counts", side.runs),
            tables.together(tables.samples_table(side.runs, VIEWS["samples"]().table(side.runs))),
        ]

    @told
    def weigh(chosen: list[str], against: str, request: gr.Request) -> list[Any]:
        return _weighed(against, comparison(desk, chosen, owner_of(request)).runs)

    @told
    def refresh_if_open(chosen: list[str] | None, request: gr.Request) -> Any:
        return gr.skip() if chosen is None else refresh(chosen, request)

    tab.select(refresh, runs, runs, **AT_ONCE)
    blocks.load(refresh_if_open, runs, runs, js=IS_OPEN, **AT_ONCE)
    runs.change(compare, [runs, cost], [page, numbers, curves, explained, quality, *others, samples], **AT_ONCE)
    cost.input(weigh, [runs, cost], [explained, quality], **AT_ONCE)


def _latest_race(desk: Desk, owner: str) -> list[str]:
    """The runs of the newest race that has ended."""
    ended = [entry for entry in desk.entries(owner) if entry.state in ENDED]
    return [entry.run for entry in ended if entry.race == ended[0].race][:MOST_RUNS] if ended else []


def _picture(name: str) -> gr.Plot:
    """A heading, what is to be seen, the plot, and a button for its PNG."""
    title = VIEWS[name].title
    gr.Markdown(f"## {title}\n{VIEWS[name].explains}")
    plot = gr.Plot(label=title, show_label=False, elem_id=f"compare-{name}")
    _png(name, title)
    return plot


def _quality() -> tuple[gr.Radio, gr.Markdown, gr.Plot]:
    """Quality against one cost at a time: the choice, what is to be seen, and the plot."""
    gr.Markdown("## Quality against what it costs")
    cost = gr.Radio(list(COSTS), value="parameters", label="Quality against", info="what lies on the horizontal axis")
    explained = gr.Markdown(VIEWS["quality"].explains)
    plot = gr.Plot(label="Quality against what it costs", show_label=False, elem_id="compare-quality")
    _png("quality", "Quality against ${inputs[0]}", [cost])
    return cost, explained, plot


def _png(name: str, title: str, inputs: Sequence[gr.Radio] = ()) -> None:
    heading = VIEWS[name].title if not inputs else "Quality against what it costs"
    button = gr.Button(f"PNG of {heading}", size="sm", elem_classes="png")
    button.click(None, list(inputs), None, js=SAVE.format(place=f"compare-{name}", title=title))


def _weighed(against: str, runs: Sequence[ShownRun]) -> list[Any]:
    name = COSTS.get(against, "quality")
    return [VIEWS[name].explains, _figure(name, runs)]


def _figure(name: str, runs: Sequence[ShownRun]) -> Any:
    view = VIEWS[name]()
    return view.figure(view.table(runs))
