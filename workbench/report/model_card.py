"""A model card for what a run tuned: from what, on what, how, and what was measured."""

import json
from dataclasses import replace
from pathlib import PurePath

from workbench.errors import ModelError
from workbench.history import History
from workbench.methods import METHODS
from workbench.models.catalog import Entry, find_entry
from workbench.objectives import OBJECTIVES
from workbench.report.race import OWN_FILE, command, model_name, whole_task_name
from workbench.runs.summary import summary
from workbench.spec import Choice, RunSpec
from workbench.tasks.hub_data import hub_id_of, is_hub_path
from workbench.views.text import one_line

HUB_LICENCES = ("apache-2.0", "mit")  # those of the catalog that the hub has a name for


def model_card(spec: RunSpec, history: History, library: str = "") -> str:
    """The card as Markdown; foreign names stand in it as code, never as markup.

    `library` names what opens the weights, for the hub: `peft` or `transformers`.
    """
    told = summary(spec, history)
    method, unit = METHODS[spec.method.name], OBJECTIVES[spec.objective.name].unit
    forgot = "not measured" if history.forgotten is None else f"{history.forgotten:+.3f}"
    rows = {
        f"held-out loss, {unit}": f"{told['loss']['eval_final']:.3f} (before: {told['loss']['eval_first']:.3f})",
        **{one_line(name.replace("_", " "), 40): f"{score:.3f}" for name, score in told["metric"].items()},
        "forgetting, nats per token": forgot,
        "moved numbers": f"{told['trainable']:,} of {told['total']:,} ({told['percent']:.3g} %)",
        "seconds of training": f"{told['seconds']:.0f}",
        "device": f"{history.device} {history.precision}",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    handed_on = _without_folders(spec)
    by_name = "" if handed_on == spec else " (files and folders of the machine it ran on by their names alone)"
    return f"""---
{_metadata(spec, library)}
---
# {_code(model_name(spec.model))} tuned on {_code(whole_task_name(spec.task))}

{method.title}: {method.idea} `{method.formula}` ({method.paper})

| base model | {_code(model_name(spec.model))} |
|---|---|
| licence of the base | {_licence(spec.model)} |
| data | {_code(whole_task_name(spec.task))} |
| seed | {spec.seed}, one run: it cannot tell how much is luck |

| measured at the end | |
|---|---|
{table}

The same run again{by_name}:

```sh
{command([handed_on])}
```

```json
{json.dumps(handed_on.to_json(), indent=1)}
```
"""


def _without_folders(spec: RunSpec) -> RunSpec:
    """The spec as others may see it: of a file or model folder of this machine its name alone."""
    knobs = spec.task.knobs
    if spec.task.name == OWN_FILE and "path" in knobs:
        knobs = {**knobs, "path": PurePath(str(knobs["path"])).name}
    return replace(spec, model=model_name(spec.model), task=Choice(spec.task.name, knobs))


def _metadata(spec: RunSpec, library: str) -> str:
    """What the hub reads to sort and link a model, as YAML; a tuned model is passed on under its base's licence."""
    from huggingface_hub import ModelCardData

    entry, path = _entry(spec.model), str(spec.task.knobs.get("path", ""))
    licence = entry.licence.lower() if entry else None
    named = licence is None or licence in HUB_LICENCES
    return ModelCardData(
        license=licence if named else "other",
        license_name=None if named else licence,
        base_model=entry.hub_id or None if entry else None,
        datasets=[hub_id_of(path)] if is_hub_path(path) else None,
        library_name=library or None,
        tags=["transfer-workbench", spec.method.name],
    ).to_yaml()


def _licence(model: str) -> str:
    """Of a model that is in the catalog; of any other only its owner can say."""
    entry = _entry(model)
    return entry.licence if entry else "not known here; ask where the model came from"


def _entry(model: str) -> Entry | None:
    try:
        return find_entry(model)
    except ModelError:
        return None


def _code(text: object) -> str:
    return f"`{one_line(text, 120).replace('`', chr(39))}`"
