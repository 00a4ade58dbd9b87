"""A few plain sentences that the numbers of a race bear out, and none that they don't."""

from collections.abc import Sequence

from workbench.views.contract import Row, ShownRun, Table
from workbench.views.results import Results

NEAR = 0.05  # a loss this much above full tuning's still counts as close to it
CLEAR = 0.02  # nats per token: a smaller change is within what one seed may do
UNTUNED = "none"


def findings(runs: Sequence[ShownRun]) -> list[str]:
    """Sentences for a reader, the most important first."""
    rows = [
        {**row, "method": run.method, "trains": run.trains, "error": run.history.error}
        for run, row in zip(runs, Results().table(runs), strict=True)
    ]
    measured = [row for row in rows if row["loss"] is not None and row["state"] == "finished"]
    sentences = [*_best(measured), *_beside_full(measured), *_beside_none(measured), *_transfer(measured)]
    sentences += _forgetting(measured)
    sentences += [_unfinished(row) for row in rows if row["state"] != "finished"]
    if len(_tuned(measured)) > 1:
        sentences.append("This is one seed: take a small difference for real only after it holds for several.")
    return sentences


def _tuned(rows: Table) -> Table:
    return [row for row in rows if row["trains"] and row["method"] != "scratch"]


def _of(rows: Table, method: str) -> Row | None:
    return next((row for row in rows if row["method"] == method), None)


def _best(rows: Table) -> list[str]:
    if len(rows) < 2:
        return [f"{row['label']} ended at a held-out loss of {row['loss']:.3f} nats per token." for row in rows]
    best = min(rows, key=lambda row: row["loss"])
    sentence = f"{best['label']} reached the lowest held-out loss, {best['loss']:.3f} nats per token"
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
    return [f"Every tuned run ended below the untuned base model's loss of {none['loss']:.3f}."]


def _transfer(rows: Table) -> list[str]:
    """What pretraining brought: the gap between the best tuned run and the same model from scratch."""
    scratch, tuned = _of(rows, "scratch"), _tuned(rows)
    if not scratch or not tuned:
        return []
    best = min(tuned, key=lambda row: row["loss"])
    gap = scratch["loss"] - best["loss"]
    if gap <= CLEAR:
        return [f"Starting from random weights did as well ({scratch['loss']:.3f}): no transfer shows at this budget."]
    worth = f"transfer is worth {gap:.3f} nats per token here"
    return [f"Without pretraining the same model ended at {scratch['loss']:.3f}: {worth}."]


def _forgetting(rows: Table) -> list[str]:
    changes = [row for row in _tuned(rows) if row["change"] is not None]
    if not changes:
        return []
    most, least = max(changes, key=lambda row: row["change"]), min(changes, key=lambda row: row["change"])
    if most["change"] <= CLEAR:
        return [
            "No tuned run forgot much of the base's own domain: its loss there rose by at most "
            f"{max(most['change'], 0):.3f}."
        ]
    sentence = (
        f"{most['label']} forgot most: its loss on the base's own domain rose by {most['change']:.3f} nats per token"
    )
    return [f"{sentence}; {least['label']} least ({least['change']:+.3f})." if len(changes) > 1 else f"{sentence}."]


def _unfinished(row: Row) -> str:
    reason = f": {row['error']}" if row["error"] else "."
    return f"{row['label']} is {row['state']}, not finished{reason}"
