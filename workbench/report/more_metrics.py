"""The fold below a table of results: metrics down, runs across, and what each metric is."""

import html
from collections.abc import Sequence

from workbench.views.metrics import metric_lines
from workbench.views.seeds import Group
from workbench.views.text import readable

TITLE = "More metrics"


def more_metrics(groups: Sequence[Group]) -> str:
    """The fold as HTML; empty where nothing was measured."""
    lines = metric_lines(groups)
    if not lines:
        return ""
    heads = "".join(f'<th scope="col">{_safe(name)}</th>' for name in ("metric", *(group.label for group in groups)))
    body = "".join(
        f'<tr><th scope="row" title="{_safe(line.measure.means)}">{_safe(line.measure.title)}</th>'
        + "".join(f"<td>{_safe(text)}</td>" for text in line.texts())
        + "</tr>"
        for line in lines
    )
    items = "".join(f"<li><b>{_safe(line.measure.title)}</b>: {_safe(line.measure.means)}</li>" for line in lines)
    return (
        f"<details><summary>{TITLE}</summary>"
        f'<div class="wide" tabindex="0" role="region" aria-label="{TITLE}"><table><thead><tr>{heads}</tr></thead>'
        f'<tbody>{body}</tbody></table></div><ul class="soft">{items}</ul></details>'
    )


def _safe(value: object) -> str:
    return html.escape(readable(value))
