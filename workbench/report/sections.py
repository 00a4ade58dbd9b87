"""The sections of the report, from what was raced to how to repeat it."""

import json
from collections.abc import Callable, Sequence

from workbench.report.differences import differences
from workbench.report.more_metrics import more_metrics
from workbench.report.page import Section, escape
from workbench.report.race import Race, command, model_name, task_name
from workbench.spec import RunSpec
from workbench.units import short
from workbench.views import VIEWS
from workbench.views.contract import Row, ShownRun, Table, View
from workbench.views.findings import findings
from workbench.views.footing import loss_unit, score_name
from workbench.views.metrics import alone
from workbench.views.seeds import group_rows, grouped, number_text
from workbench.views.text import readable

MEBIBYTE = 1024**2
SAME = "Every run saw the same batches in the same order, the same evaluation set and the same sampling seeds."
SEVERAL = "Runs of several races, put side by side. Where their set-ups differ, so may what they saw and how long."
SEEDS = (
    "Runs that differ in nothing but the seed: the mean and, behind the sign ±, one sample standard deviation. "
    "A mean stands only where every seed was measured."
)


def sections(race: Race) -> list[Section]:
    """All sections for which something was measured, in reading order."""
    pictures = [_picture(VIEWS[name](), race.runs) for name in VIEWS if name not in ("results", "samples")]
    parts = [_raced(race), _differences(race), _findings(race), _results(race.runs), _seeds(race.runs), *pictures]
    parts += [_samples(race.runs), _repeat(race)]
    return [part for part in parts if part is not None]


def _raced(race: Race) -> Section:
    facts = {
        "Base model": _distinct(race, lambda spec: model_name(spec.model)),
        "Task": _distinct(race, lambda spec: task_name(spec.task)),
        "Budget": _distinct(race, _budget),
        "Training examples": _distinct(
            race, lambda spec: f"{spec.budget.examples:,}" if spec.budget.examples else "all"
        ),
        "Held-out examples": _distinct(race, _held_out),
        "Seed": _distinct(race, lambda spec: str(spec.seed)),
        **race.machine,
    }
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{_safe(value)}</dd></div>" for name, value in facts.items())
    return Section("raced", "What was raced", SAME if race.is_one else SEVERAL, f'<dl class="facts">{items}</dl>')


def _distinct(race: Race, tell: Callable[[RunSpec], str]) -> str:
    return ", ".join(dict.fromkeys(tell(spec) for spec in race.specs))


def _budget(spec: RunSpec) -> str:
    return f"{spec.budget.steps:,} steps of {spec.budget.batch_size * spec.budget.accumulation} examples"


def _held_out(spec: RunSpec) -> str:
    return f"{spec.budget.evaluation_examples:,} for the loss, {spec.budget.metric_examples:,} for the score"


def _differences(race: Race) -> Section | None:
    """The fields in which the specs of runs from several races differ."""
    if race.is_one:
        return None
    heads, rows = differences(race.specs)
    body = "".join(
        f'<tr><th scope="row">{_safe(run.label)}</th>{"".join(f"<td>{_safe(value)}</td>" for value in row)}</tr>'
        for run, row in zip(race.runs, rows, strict=True)
    )
    explains = "Only what is not the same for all runs; an empty cell is a setting left at its default."
    return Section("differences", "Where the set-ups differ", explains, _table(("run", *heads), body))


def _findings(race: Race) -> Section | None:
    sentences = "".join(f"<li>{_safe(sentence)}</li>" for sentence in findings(race.runs))
    body = f'<ul class="findings">{sentences}</ul>'
    return Section("findings", "In short", "Sentences that the numbers below bear out.", body) if sentences else None


def _results(runs: Sequence[ShownRun]) -> Section:
    view, unit = VIEWS["results"](), short(loss_unit(runs))
    heads = (
        "run", "trained numbers", "% of all", f"loss before ({unit})", f"loss after ({unit})",
        f"{score_name(runs)} (0 to 1)", "forgetting (nats/token)", "time (s)", "tokens/s",
        "peak memory (MiB)",
    )  # fmt: skip
    body = "".join(_result(row) for row in view.table(runs))
    errors = "".join(
        f'<p class="failed"><strong>{_safe(run.label)}:</strong> {_safe(f"{run.history.error} {run.history.hint}")}</p>'
        for run in runs
        if run.history.error
    )
    return Section("results", view.title, view.explains, _table(heads, body) + more_metrics(alone(runs)) + errors)


def _result(row: Row) -> str:
    memory = row["memory_bytes"] / MEBIBYTE if row["memory_bytes"] else None
    values = (
        number_text(row["trainable"], ",d"), number_text(row["percent"], ".3g"),
        number_text(row["loss_first"], ".3f"), number_text(row["loss"], ".3f"), number_text(row["metric"], ".3f"),
        number_text(row["change"], "+.3f"), number_text(row["seconds"], ".1f"),
        number_text(row["tokens_per_second"], ",.0f"), number_text(memory, ",.1f"),
    )  # fmt: skip
    state = "" if row["state"] == "finished" else f' <span class="failed">({escape(row["state"])})</span>'
    swatch = f'<span class="swatch" style="background:{row["style"].colour}"></span>'
    cells = "".join(f"<td>{value}</td>" for value in values)
    return f'<tr><th scope="row">{swatch}{_safe(row["label"])}{state}</th>{cells}</tr>'


def _seeds(runs: Sequence[ShownRun]) -> Section | None:
    """Mean and standard deviation of each group of seeds, where there is one with several."""
    groups = grouped(runs)
    if all(len(group.runs) == 1 for group in groups):
        return None
    heads = (
        "set-up",
        "seeds",
        f"loss after ({short(loss_unit(runs))})",
        f"{score_name(runs)} (0 to 1)",
        "forgetting (nats/token)",
        "time (s)",
    )
    body = "".join(_group(row) for row in group_rows(groups))
    return Section("seeds", "Seeds", SEEDS, _table(heads, body) + more_metrics(groups))


def _group(row: Row) -> str:
    patterns = {"loss": ".3f", "metric": ".3f", "change": "+.3f", "seconds": ".1f"}
    cells = "".join(
        f"<td>{number_text(row[name], pattern, row[f'{name}_deviation'])}</td>" for name, pattern in patterns.items()
    )
    swatch = f'<span class="swatch" style="background:{row["style"].colour}"></span>'
    return f'<tr><th scope="row">{swatch}{_safe(row["label"])}</th><td>{row["n"]}</td>{cells}</tr>'


def _picture(view: View, runs: Sequence[ShownRun]) -> Section | None:
    """A figure with its numbers in a table that a keyboard or a screen reader reaches."""
    table = view.table(runs)
    if not table:
        return None
    numbers = _numbers(table)
    body = f"<details><summary>The numbers</summary>{numbers}</details>" if numbers else ""
    return Section(view.name, view.title, view.explains, body, view.figure(table).to_json())


def _numbers(table: Table) -> str:
    """The rows as a table; of a curve its first and last point."""
    rows = [_flat(row) for row in table]
    heads = tuple(dict.fromkeys(key for row in rows for key in row))
    body = "".join("<tr>" + "".join(_cell(row.get(head)) for head in heads) + "</tr>" for row in rows)
    return _table(tuple(head.replace("_", " ") for head in heads), body)


def _flat(row: Row) -> Row:
    flat: Row = {"run": row["label"]}
    for key, value in row.items():
        if key in ("label", "style", "trains"):
            continue
        if isinstance(value, list) and "parts" in row:
            flat.update({} if key == "parts" else dict(zip(row["parts"], value, strict=True)))
        elif isinstance(value, list):
            flat |= {f"first {key}": value[0], f"last {key}": value[-1]}
        else:
            flat[key] = value
    return flat


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"<td>{value:,.4g}</td>"
    return f"<td>{value:,d}</td>" if isinstance(value, int) else f"<td>{_safe('' if value is None else value)}</td>"


def _samples(runs: Sequence[ShownRun]) -> Section | None:
    view = VIEWS["samples"]()
    blocks = []
    for number, row in enumerate(view.table(runs), start=1):
        texts = [("the base model, before", row["base"])] if row["base"] is not None else []
        texts += [(f"{label}, after", text) for label, text in row["answers"].items()]
        if row["target"]:
            texts.append(("the answer in the data", row["target"]))
        cards = "".join(
            f'<div class="text"><h4>{_safe(who)}</h4><p dir="auto">{_safe(text) or "(nothing)"}</p></div>'
            for who, text in texts
        )
        prompt = _safe(row["prompt"]) or "(no prompt)"
        blocks.append(
            f'<h3>Prompt {number}</h3><p class="prompt" dir="auto">{prompt}</p><div class="texts">{cards}</div>'
        )
    return Section(view.name, "Samples, before and after", view.explains, "".join(blocks)) if blocks else None


def _repeat(race: Race) -> Section:
    specs = json.dumps([spec.to_json() for spec in race.specs], indent=2, ensure_ascii=False, default=str)
    body = (
        f"<pre><code>{_safe(command(race.specs))}</code></pre>"
        "<details><summary>The specs, for <code>workbench race --spec FILE</code></summary>"
        f"<pre>{_safe(specs)}</pre></details>"
    )
    explains = (
        "The same race again, from the same seed." if race.is_one else "The same races again, from the same seeds."
    )
    return Section("repeat", "Repeat it", explains, body)


def _table(heads: Sequence[str], body: str) -> str:
    row = "".join(f'<th scope="col">{_safe(head)}</th>' for head in heads)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{row}</tr></thead><tbody>{body}</tbody></table></div>'


def _safe(value: object) -> str:
    return escape(readable(value))
