"""A form for a race: model, task, ways of tuning with their knobs, and budget, all read from the parts themselves."""

from collections.abc import Callable
from typing import Any

import ipywidgets

from workbench.errors import WorkbenchError
from workbench.knobs import Knob, configure, knobs
from workbench.menu.counts import counted
from workbench.menu.estimate import card_of
from workbench.menu.first_methods import FIRST, PROBE
from workbench.menu.parts import misfits, model_rows
from workbench.methods import METHODS
from workbench.methods.head import UNTRAINED
from workbench.objectives import OBJECTIVES
from workbench.spec import Budget, Choice, RunSpec
from workbench.tasks import TASKS
from workbench.widgets.start import WORDS, check
from workbench.widgets.still import Still
from workbench.widgets.tables import plain_table, safe

FIRST_BUDGET = ("steps", "batch_size", "examples", "learning_rate")  # the rest is folded away
LABEL = {"description_width": "10em"}
WIDE = {"width": "24em"}
BATCH, TOKENS = 8, 64  # of the memory estimate, which the form does not show


class Pick:
    """A form whose `value` is a list of RunSpec, one for each ticked way of tuning; `wb.race(form)` races them.

    `fields` holds the widgets of model, task, objective and seed by name; `methods` a box to tick for each method;
    `knobs` the widgets of each part's knobs, by the part's name (that of the budget is "budget").
    """

    def __init__(self) -> None:
        models = [row["name"] for row in model_rows() if row["can_train"] and row["is_here"]]
        tasks = [(TASKS[name].title, name) for name in TASKS]
        answers = [(part.title, name) for name, part in OBJECTIVES.items()]
        self.fields: dict[str, Any] = {
            "model": ipywidgets.Dropdown(options=models, description="Base model", style=LABEL, layout=WIDE),
            "task": ipywidgets.Dropdown(options=tasks, description="Task", style=LABEL, layout=WIDE),
            "objective": ipywidgets.Dropdown(options=answers, description="How it answers", style=LABEL, layout=WIDE),
            "seed": ipywidgets.IntText(RunSpec().seed, description="Seed", style=LABEL, layout=WIDE),
        }
        self.fields["model"].value, self.fields["task"].value = RunSpec().model, RunSpec().task.name
        self.methods = {
            name: ipywidgets.Checkbox(name in FIRST, description=part.title, tooltip=part.plain, indent=False)
            for name, part in METHODS.items()
        }
        parts = {**METHODS, **TASKS, "budget": Budget}
        self.knobs: dict[str, dict[str, Any]] = {
            owner: {name: _field(setting) for name, setting in knobs(part).items()} for owner, part in parts.items()
        }
        self._told, self._misfit = ipywidgets.HTML(), ipywidgets.HTML()
        self.box = self._laid_out()
        self._watch()
        self._refresh()

    @property
    def value(self) -> list[RunSpec]:
        """The runs that are picked at this moment.

        Raises:
            WorkbenchError: what is in the form cannot be run.
        """
        return self.specs()

    def specs(self) -> list[RunSpec]:
        """The runs that are picked at this moment; the same as `value`.

        Raises:
            WorkbenchError: what is in the form cannot be run.
        """
        budget = configure(Budget, self._turned("budget", Budget), "budget")
        task = self.fields["task"].value
        chosen = Choice(task, self._turned(task, TASKS[task]))
        objective, seed = Choice(self.fields["objective"].value), self.fields["seed"].value
        specs = [
            RunSpec(self.fields["model"].value, chosen, method, objective, budget, seed) for method in self._methods()
        ]
        specs = [RunSpec.from_json(spec.to_json()) for spec in specs]  # which checks the seed
        check(specs)
        return specs

    def _methods(self) -> list[Choice]:
        ticked = [name for name, box in self.methods.items() if box.value]
        return [Choice(name, self._turned(name, METHODS[name])) for name in ticked]

    def _turned(self, owner: str, part: type) -> dict[str, object]:
        """The knobs that are not as they were."""
        values = {name: _read(field) for name, field in self.knobs[owner].items()}
        return {name: value for name, value in values.items() if value != knobs(part)[name].default}

    def _laid_out(self) -> Any:
        turned = {
            name: ipywidgets.VBox(
                [box, ipywidgets.HBox(list(self.knobs[name].values()), layout={"flex_flow": "row wrap"})]
            )
            for name, box in self.methods.items()
        }
        further = ipywidgets.VBox([box for name, box in turned.items() if not METHODS[name].taught])
        budget = self.knobs["budget"]
        rest = ipywidgets.VBox([field for name, field in budget.items() if name not in FIRST_BUDGET])
        self._task_knobs = ipywidgets.VBox()
        return ipywidgets.VBox(
            [
                self.fields["model"],
                self.fields["task"],
                self._task_knobs,
                self.fields["objective"],
                self._misfit,
                *(budget[name] for name in FIRST_BUDGET),
                self.fields["seed"],
                ipywidgets.Accordion([rest], titles=("More of the budget",)),
                ipywidgets.HTML("<b>Ways of tuning</b>"),
                *(box for name, box in turned.items() if METHODS[name].taught),
                ipywidgets.Accordion([further], titles=("More ways of tuning",)),
                self._told,
            ]
        )

    def _watch(self) -> None:
        fields = [*self.fields.values(), *self.methods.values()]
        fields += [field for owned in self.knobs.values() for field in owned.values()]
        for field in fields:
            field.observe(lambda change: self._refresh(), "value")

    def _answer_somehow(self) -> None:
        """A task without labels is answered in words; an untrained head cannot answer, so the probe stands in."""
        reason = misfits(TASKS[self.fields["task"].value]())["misfit_of_head"]
        field = self.fields["objective"]
        field.disabled = bool(reason)
        if reason and OBJECTIVES[field.value].by_head:
            field.value = WORDS
        by_head = OBJECTIVES[field.value].by_head
        self._misfit.value = f"<p>{safe(reason or (UNTRAINED if by_head else ''))}</p>"
        for name, box in self.methods.items():
            box.disabled = by_head and not METHODS[name].trains
            if box.disabled and box.value:
                box.value, self.methods[PROBE].value = False, True

    def _refresh(self) -> None:
        """Show the knobs of what is picked, and what it comes to, or in one sentence why it does not do."""
        for name, box in self.methods.items():
            for field in self.knobs[name].values():
                field.layout.display = None if box.value else "none"
        self._answer_somehow()
        self._task_knobs.children = list(self.knobs[self.fields["task"].value].values())
        try:
            self._told.value = self._table()
        except WorkbenchError as error:
            self._told.value = f'<p role="alert"><b>{safe(error)}</b></p>'

    def _table(self) -> str:
        rows = []
        for spec in self.specs():
            row = counted(card_of(spec), spec.method, BATCH, TOKENS)
            rows.append([str(spec.method), f"{row['trainable']:,}", f"{row['percent']:.3g}"])
        return plain_table("What was picked", ("run", "moving numbers", "% of all"), rows)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The form, and elsewhere what was picked."""
        return Still(repr(self), self._told.value).bundle(self.box)

    def __repr__(self) -> str:
        """What is picked, in words."""
        picked = ", ".join(str(choice) for choice in self._methods()) or "nothing"
        return f"{picked}; {self.fields['task'].value} on {self.fields['model'].value}"


def pick() -> Pick:
    """A form for model, task, ways of tuning, their knobs and the budget; its `value` is a list of RunSpec."""
    return Pick()


def _field(setting: Knob) -> Any:
    """A widget for a knob; limits are not in it, since a value that is cut silently teaches nothing."""
    shared = {
        "description": setting.name.replace("_", " "),
        "tooltip": f"{setting.help}; {setting.allowed()}",
        "style": LABEL,
        "layout": WIDE,
    }
    if setting.several:
        options = {"options": setting.choices, "value": tuple(str(setting.default).split("+")), "rows": 3}
        return ipywidgets.SelectMultiple(**options, **shared)
    if setting.choices:
        return ipywidgets.Dropdown(options=setting.choices, value=setting.default, **shared)
    kinds: dict[type, Callable[..., Any]] = {
        bool: ipywidgets.Checkbox,
        int: ipywidgets.IntText,
        float: ipywidgets.FloatText,
        str: ipywidgets.Text,
    }
    return kinds[setting.type](value=setting.default, **shared)


def _read(field: Any) -> object:
    return "+".join(field.value) if isinstance(field.value, tuple) else field.value
