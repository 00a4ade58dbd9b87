"""Tables of runs as a notebook shows them: HTML for a page, plain lines for a terminal."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.units import PER_TOKEN
from workbench.views import VIEWS
from workbench.views.contract import Row, ShownRun, Table
from workbench.views.footing import loss_unit, score_name
from workbench.views.metrics import metric_lines
from workbench.views.seeds import Group, number_text
from workbench.views.text import one_line, readable

MEBIBYTE = 1024**2
CELL = "text-align:left;vertical-align:top;padding:2px 8px"
TEXT = "text-align:start;vertical-align:top;padding:2px 8px;white-space:pre-wrap;unicode-bidi:plaintext"  # any script
NUMBER = "text-align:right;vertical-align:top;padding:2px 8px"
LONGEST_NAME = 34  # characters of a run in a plain table


@dataclass(frozen=True)
class Column:
    """A column of numbers: a row's value by `key`, its head with the unit, what it means, and how it is written."""

    key: str
    head: str
    means: str
    pattern: str
    scale: float = 1.0


def columns(score: str, unit: str = PER_TOKEN) -> tuple[Column, ...]:
    """The columns of the results; `score` is what the task calls its own, `unit` what the losses are told in."""
    return (
        Column("trainable", "moving numbers", "how many parameters the run may change", ",d"),
        Column("percent", "% of all", "moving numbers as a share of the model", ".3g"),
        Column("loss", "held-out loss", f"{unit} on examples never trained on; lower is better", ".3f"),
        Column("metric", score, "the task's score on held-out examples, 0 to 1; higher is better", ".3f"),
        Column("change", "forgets", f"rise of the loss on the base's own kind of text, {PER_TOKEN}", "+.3f"),
        Column("seconds", "seconds", "what the run worked itself, evaluations included", ".1f"),
        Column("memory_bytes", "memory (MiB)", "the most that was in use", ",.1f", 1 / MEBIBYTE),
    )


def results_html(runs: Sequence[ShownRun], rows: Table | None = None) -> str:
    """A row for each run, or for each of the rows that `views.seeds.group_rows` gives."""
    rows = VIEWS["results"]().table(runs) if rows is None else rows
    shown = columns(score_name(runs), loss_unit(runs))
    heads = "".join(f'<th scope="col" title="{safe(column.means)}">{safe(column.head)}</th>' for column in shown)
    body = "".join(
        f'<tr><th scope="row" style="{CELL}">{_swatch(row)}{safe(row["label"])}</th><td>{safe(row["state"])}</td>'
        + "".join(f'<td style="{NUMBER}">{safe(_number(row, column))}</td>' for column in shown)
        + "</tr>"
        for row in rows
    )
    return table_html("Results", f'<th scope="col">run</th><th scope="col">state</th>{heads}', body)


def metrics_html(groups: Sequence[Group]) -> str:
    """A fold with a line for each metric beside the leading score, and what it is; empty where none was measured."""
    measured = metric_lines(groups)
    heads = "".join(f'<th scope="col">{safe(name)}</th>' for name in ("metric", *(group.label for group in groups)))
    body = "".join(
        f'<tr><th scope="row" style="{CELL}" title="{safe(line.measure.means)}">{safe(line.measure.title)}</th>'
        + "".join(f'<td style="{NUMBER}">{safe(text)}</td>' for text in line.texts())
        + "</tr>"
        for line in measured
    )
    told = "".join(f"<li><b>{safe(line.measure.title)}</b>: {safe(line.measure.means)}</li>" for line in measured)
    table = table_html("More metrics", heads, body)
    return f"<details><summary>More metrics</summary>{table}<ul>{told}</ul></details>" if measured else ""


def results_text(runs: Sequence[ShownRun]) -> str:
    """The results in plain lines."""
    shown = columns(score_name(runs), loss_unit(runs))
    cells = [["run", "state", *(column.head for column in shown)]]
    for row in VIEWS["results"]().table(runs):
        numbers = [_number(row, column) for column in shown]
        cells.append([one_line(row["label"], LONGEST_NAME), row["state"], *numbers])
    return lines(cells)


def samples_html(runs: Sequence[ShownRun]) -> str:
    """What each run wrote last, prompt by prompt, beside the base's words and the data's answer."""
    rows = VIEWS["samples"]().table(runs)
    if not rows:
        return ""
    has_base = any(row["base"] is not None for row in rows)
    writing = [run for run in runs if run.history.samples and (run.trains or not has_base)]
    heads = ["prompt", "answer in the data", *(["base, untuned"] if has_base else []), *(run.label for run in writing)]
    body = ""
    for row in rows:
        texts = [row["target"], *([row["base"]] if has_base else []), *(row["answers"].get(r.label) for r in writing)]
        cells = "".join(f'<td dir="auto" style="{TEXT}">{_written(text)}</td>' for text in texts)
        body += f'<tr><th scope="row" dir="auto" style="{TEXT}">{_written(row["prompt"])}</th>{cells}</tr>'
    return table_html("Samples", "".join(f'<th scope="col" style="{CELL}">{safe(name)}</th>' for name in heads), body)


def failures_html(runs: Sequence[ShownRun]) -> str:
    """A sentence for each run that could not go on."""
    told = [
        f"<p><b>{safe(run.label)}</b> {safe(run.history.state)}. {safe(run.history.error)} {safe(run.history.hint)}</p>"
        for run in runs
        if run.history.state in ("failed", "interrupted", "damaged")
    ]
    return "".join(told)


def plain_table(name: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table of texts as HTML; the first cell of a row is its head."""
    body = "".join(
        f'<tr><th scope="row" style="{CELL}">{safe(row[0])}</th>'
        + "".join(f'<td dir="auto" style="{TEXT}">{safe(value)}</td>' for value in row[1:])
        + "</tr>"
        for row in rows
    )
    return table_html(name, "".join(f'<th scope="col" style="{CELL}">{safe(head)}</th>' for head in heads), body)


def table_html(name: str, heads: str, body: str) -> str:
    """A table that scrolls sideways rather than leave the page."""
    return (
        f'<div style="overflow-x:auto"><table aria-label="{safe(name)}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def lines(cells: Sequence[Sequence[str]]) -> str:
    """Rows of texts in columns, numbers to the right."""
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def safe(value: object) -> str:
    """A text from data or people so that a page shows it and does nothing else with it."""
    return html.escape(readable(value))


def _written(text: Any) -> str:
    if text is None:
        return "-"
    return safe(text).strip() or "(nothing)"


def _number(row: Row, column: Column) -> str:
    value, deviation = row[column.key], row.get(f"{column.key}_deviation")
    if value is None:
        return "-"
    scaled = None if deviation is None else deviation * column.scale
    return number_text(value * column.scale if column.scale != 1 else value, column.pattern, scaled)


def _swatch(row: Row) -> str:
    square = f"display:inline-block;width:10px;height:10px;margin-right:6px;background:{safe(row['style'].colour)}"
    return f'<span style="{square}"></span>'
