"""The tables of Compare as HTML: whatever comes from data or people goes in as text."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from workbench.report.more_metrics import more_metrics
from workbench.units import PER_TOKEN, short
from workbench.views.contract import Row, ShownRun, Table
from workbench.views.footing import is_one_task, loss_unit, score_name
from workbench.views.seeds import grouped, number_text
from workbench.views.text import readable

MEBIBYTE = 1024**2
SHOWN_NOTES = 6  # sentences; the rest is folded away


@dataclass(frozen=True)
class Column:
    """A column of the results: a row's value by `key`, its head, unit, what it means, and how it is written."""

    key: str
    head: str
    unit: str
    means: str
    pattern: str
    scale: float = 1.0


SEEDS = Column("n", "seeds", "", "how many runs that differ in nothing but the seed are one row", "d")


def columns(score: str, unit: str = PER_TOKEN) -> tuple[Column, ...]:
    """The columns of the results; `score` is what the task calls its own, `unit` what the losses are told in."""
    return (
        Column("trainable", "moving numbers", "", "how many parameters the run may change", ",d"),
        Column("percent", "of all", "%", "moving numbers as a share of the model", ".3g"),
        Column("loss", "held-out loss", short(unit), "surprise at answers never trained on; lower is better", ".3f"),
        Column("metric", score, "0 to 1", "the task's score on held-out examples; higher is better", ".3f"),
        Column("change", "forgets", short(PER_TOKEN), "rise of the loss on the base's own kind of text", "+.3f"),
        Column("seconds", "time", "s", "what the run worked itself, evaluations included", ".1f"),
        Column("memory_bytes", "memory", "MiB", "the most that was in use", ",.1f", 1 / MEBIBYTE),
        Column("tokens_per_second", "speed", "tokens/s", "training tokens a second, padding left out", ",.0f"),
    )


def results_table(runs: Sequence[ShownRun], rows: Table) -> str:
    """A row for each group of seeds; its heads are buttons by which the page's script sorts."""
    has_seeds = any(row["n"] > 1 for row in rows)
    shown = ((SEEDS,) if has_seeds else ()) + columns(score_name(runs), loss_unit(runs))
    heads = [_sortable("set-up", "", "the way of tuning and its turned knobs"), *(_head(column) for column in shown)]
    body = "".join(f"<tr>{_label(row)}{''.join(_cell(row, column) for column in shown)}</tr>" for row in rows)
    note = "A column head sorts the table; a second time the other way round."
    note += " Behind ± stands one sample standard deviation over the seeds." if has_seeds else ""
    table = _table("Results", "".join(heads), body, "sortable")
    return _card("Results", table + more_metrics(grouped(runs)), note)


def differences_table(labels: Sequence[str], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A row for each run with the settings that are not the same for all."""
    if not heads:
        same = "<p>Nowhere: model, task, method, budget and seed are the same.</p>"
        return _card("Where the set-ups differ", same)
    body = "".join(
        f'<tr><th scope="row">{_safe(label)}</th>{"".join(f"<td>{_safe(value)}</td>" for value in row)}</tr>'
        for label, row in zip(labels, rows, strict=True)
    )
    head = "".join(f'<th scope="col">{_safe(name)}</th>' for name in ("run", *heads))
    note = "Only what is not the same for all runs. An empty cell is a knob at its default."
    return _card("Where the set-ups differ", _table("Where the set-ups differ", head, body), note)


def samples_table(runs: Sequence[ShownRun], rows: Table) -> str:
    """Prompts down, runs across: what each run wrote at its end, beside the base's words and the data's answer."""
    if not is_one_task(runs):
        why = "These runs learned different tasks, so they answered different prompts and cannot be read side by side."
        return _card("Samples", f"<p>{why}</p>")
    if not rows:
        return _card("Samples", "<p>None of these runs wrote samples.</p>")
    has_base = any(row["base"] is not None for row in rows)
    answering = [run for run in runs if any(run.label in row["answers"] for row in rows)]
    answering = [run for run in answering if run.trains or not (has_base and run.starts_at_base)]  # the base itself
    heads = ["prompt", "answer in the data", *(["base model, untuned"] if has_base else []), *map(_writer, answering)]
    head = "".join(f'<th scope="col">{_safe(name)}</th>' for name in heads)
    body = "".join(_sample(row, answering, has_base) for row in rows)
    note = "The same prompts and the same sampling seed for all; what each run wrote last."
    return _card("Samples", _table("Samples", head, body, "texts"), note)


def notes(sentences: Sequence[str]) -> str:
    """What the numbers bear out, and what they do not; a long list is folded."""
    items = [f"<li>{_safe(sentence)}</li>" for sentence in sentences]
    folded = ""
    if len(items) > SHOWN_NOTES:
        rest = "".join(items[SHOWN_NOTES:])
        folded = f"<details><summary>{len(items) - SHOWN_NOTES} more sentences</summary><ul>{rest}</ul></details>"
    return _card("In short", f"<ul>{''.join(items[:SHOWN_NOTES])}</ul>{folded}") if items else ""


def exports(chosen: Sequence[str]) -> str:
    """Links by which the chosen runs are taken away."""
    query = html.escape(urlencode([("run", run) for run in chosen]))
    return (
        '<div class="buttons">'
        f'<a class="button" href="/api/compare/table?{query}" download>CSV</a>'
        f'<a class="button" href="/api/compare/report?{query}" download>HTML report</a>'
        '<span class="soft">One row a run with raw numbers; the report as one file. Each picture has its PNG below it.'
        "</span></div>"
    )


def together(*parts: str) -> str:
    """Parts as the page lays them out: one below the other."""
    return f'<div class="workbench">{"".join(parts)}</div>'


def _sortable(name: str, unit: str, means: str) -> str:
    small = f" <small>{_safe(unit)}</small>" if unit else ""
    return f'<th scope="col"><button type="button" title="{_safe(means)}">{_safe(name)}{small}</button></th>'


def _head(column: Column) -> str:
    return _sortable(column.head, column.unit, column.means)


def _label(row: Row) -> str:
    swatch = f'<span class="swatch" style="background:{_safe(row["style"].colour)}"></span>'
    state = "" if row["state"] == "finished" else f" ({row['state']})"
    return f'<th scope="row">{swatch}{_safe(row["label"] + state)}</th>'


def _cell(row: Row, column: Column) -> str:
    """A number with what it sorts by."""
    value = row[column.key]
    if value is None:
        return '<td data-value="">-</td>'
    deviation = row.get(f"{column.key}_deviation")
    scaled = None if deviation is None else deviation * column.scale
    text = number_text(value * column.scale if column.scale != 1 else value, column.pattern, scaled)
    return f'<td data-value="{float(value)!r}">{_safe(text)}</td>'


def _writer(run: ShownRun) -> str:
    return run.label if run.history.state == "finished" else f"{run.label} ({run.history.state})"


def _sample(row: Mapping[str, str | None | dict[str, str]], runs: Sequence[ShownRun], has_base: bool) -> str:
    answers = row["answers"]
    assert isinstance(answers, dict)
    texts = [row["target"], *([row["base"]] if has_base else []), *(answers.get(run.label) for run in runs)]
    cells = "".join(f'<td dir="auto">{_written(text)}</td>' for text in texts)
    return f'<tr><th scope="row" dir="auto">{_written(row["prompt"])}</th>{cells}</tr>'


def _written(text: object) -> str:
    """A text as it was written; says where nothing was, and where the run was not asked."""
    if text is None:
        return "-"
    return _safe(text).strip() or "(nothing)"


def _table(name: str, heads: str, body: str, kind: str = "") -> str:
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{_safe(name)}"><table class="{kind}">'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _card(title: str, body: str, note: str = "") -> str:
    small = f'<p class="soft">{_safe(note)}</p>' if note else ""
    return f'<section class="card"><h2>{_safe(title)}</h2>{small}{body}</section>'


def _safe(value: object) -> str:
    return html.escape(readable(value))
