"""A few plain sentences that the numbers of a race bear out, and none that they don't."""

from collections.abc import Sequence

from workbench.views.contract import Row, ShownRun, Table
from workbench.views.footing import caveats, is_one_footing
from workbench.views.seeds import cautions, group_rows, grouped
from workbench.views.text import one_line

NEAR = 0.05  # a loss this much above full tuning's still counts as close to it
CLEAR = 0.02  # nats: a smaller change is within what one seed may do
UNTUNED = "none"
LONGEST = 200  # characters of the words that a run learned


def findings(runs: Sequence[ShownRun]) -> list[str]:
    """Sentences for a reader, the most important first.

    Runs that differ in nothing but the seed are spoken of by their means; runs of several tasks or base models are
    not held against each other.
    """
    groups = grouped(runs)
    rows = [
        {
            **row,
            "label": _name(row),
            "method": group.first.method,
            "trains": group.first.trains,
            "unit": group.first.unit,
        }
        for group, row in zip(groups, group_rows(groups), strict=True)
    ]
    measured = [row for row in rows if row["loss"] is not None and row["state"] == "finished"]
    sentences = caveats(runs)
    if is_one_footing(runs):
        sentences += [*_best(measured), *_beside_full(measured), *_beside_none(measured), *_transfer(measured)]
        sentences += _forgetting(measured)
    sentences += [_words(run) for run in runs if run.history.words]
    sentences += [_unfinished(run) for run in runs if run.history.state != "finished"]
    return [*sentences, *cautions(runs)]


def _name(row: Row) -> str:
    return f"{row['label']} (mean of {row['n']} seeds)" if row["n"] > 1 else str(row["label"])


def _subject(rows: Table) -> str:
    """What a sentence about all rows is true of: of means nothing is said about each run."""
    return "way of tuning, on average over its seeds," if any(row["n"] > 1 for row in rows) else "tuned run"


def _tuned(rows: Table) -> Table:
    return [row for row in rows if row["trains"] and row["method"] != "scratch"]


def _of(rows: Table, method: str) -> Row | None:
    """The best of the rows of a method."""
    return min((row for row in rows if row["method"] == method), key=lambda row: row["loss"], default=None)


def _best(rows: Table) -> list[str]:
    if len(rows) < 2:
        return [f"{row['label']} ended at a held-out loss of {row['loss']:.3f} {row['unit']}." for row in rows]
    best = min(rows, key=lambda row: row["loss"])
    sentence = f"{best['label']} reached the lowest held-out loss, {best['loss']:.3f} {best['unit']}"
    scored = [row for row in rows if row["metric"] is not None]
    if not scored:
        return [sentence + "."]
    top = round(max(row["metric"] for row in scored), 3)
    leaders = [row["label"] for row in scored if round(row["metric"], 3) == top]
    if best["label"] in leaders and len(leaders) == 1:
        return [f"{sentence}, and the highest score, {top:.3f}."]
    return [f"{sentence}; the highest score is {top:.3f} ({', '.join(leaders)})."]


def _beside_full(rows: Table) -> list[str]:
    """What the best economical run reached beside full tuning."""
    full = _of(rows, "full")
    others = [row for row in _tuned(rows) if full and row["trainable"] < full["trainable"]]
    if not full or not others:
        return []
    best = min(others, key=lambda row: row["loss"])
    share = f"{100 * best['trainable'] / full['trainable']:.2g} % of the parameters"
    excess = best["loss"] / full["loss"] - 1
    if excess <= 0:
        return [
            f"{best['label']} matched or beat full tuning ({best['loss']:.3f} against {full['loss']:.3f}) with {share}."
        ]
    if excess <= NEAR:
        return [f"{best['label']} came within {_up(100 * excess)} % of full tuning's loss with {share}."]
    behind = f"the nearest other run, {best['label']}, ended {100 * excess:.0f} % higher"
    return [f"Full tuning stayed ahead: {behind} with {share}."]


def _up(percent: float) -> str:
    """The next tenth at or above, so that 'within' stays true."""
    return f"{-(-percent * 10 // 1) / 10:g}"


def _beside_none(rows: Table) -> list[str]:
    """Whether tuning beat the base model left as it is."""
    none, tuned = _of(rows, UNTUNED), _tuned(rows)
    if not none or not tuned:
        return []
    worse = [row["label"] for row in tuned if row["loss"] >= none["loss"]]
    if worse:
        return [f"Not better than the untuned base ({none['loss']:.3f}): {', '.join(worse)}."]
    return [f"Every {_subject(tuned)} ended below the untuned base model's loss of {none['loss']:.3f}."]


def _transfer(rows: Table) -> list[str]:
    """What pretraining brought: the gap between the best tuned run and the same model from scratch."""
    scratch, tuned = _of(rows, "scratch"), _tuned(rows)
    if not scratch or not tuned:
        return []
    best = min(tuned, key=lambda row: row["loss"])
    gap = scratch["loss"] - best["loss"]
    if gap <= CLEAR:
        return [f"Starting from random weights did as well ({scratch['loss']:.3f}): no transfer shows at this budget."]
    worth = f"transfer is worth {gap:.3f} {best['unit']} here"
    return [f"Without pretraining the same model ended at {scratch['loss']:.3f}: {worth}."]


def _forgetting(rows: Table) -> list[str]:
    changes = [row for row in _tuned(rows) if row["change"] is not None]
    if not changes:
        return []
    most, least = max(changes, key=lambda row: row["change"]), min(changes, key=lambda row: row["change"])
    if most["change"] <= CLEAR:
        return [
            f"No {_subject(changes)} forgot much of the base's own domain: its loss there rose by at most "
            f"{max(most['change'], 0):.3f}."
        ]
    sentence = (
        f"{most['label']} forgot most: its loss on the base's own domain rose by {most['change']:.3f} nats per token"
    )
    return [f"{sentence}; {least['label']} least ({least['change']:+.3f})." if len(changes) > 1 else f"{sentence}."]


def _words(run: ShownRun) -> str:
    return f"{run.label} put these words before every text: {one_line(run.history.words, LONGEST)}"


def _unfinished(run: ShownRun) -> str:
    reason = f": {run.history.error}" if run.history.error else "."
    return f"{run.label} is {run.history.state}, not finished{reason}"
