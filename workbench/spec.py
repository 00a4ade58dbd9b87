"""A run is data: which model, task and method, with which knobs, for how long, from which seed."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import product
from typing import Any

from workbench.errors import SpecError
from workbench.knobs import configure, knob

SETTING = re.compile(r"(?P<knob>\w+)\s*=(?P<value>.+)", re.DOTALL)
_VALUE = r"\s*(?:[-+]?\.?\d[\w.+-]*|true|false)\s*"
VALUES = re.compile(f"{_VALUE}(?:,{_VALUE})+")
BETWEEN_CHOICES = re.compile(f",(?!{_VALUE}(?:[,:]|$))")
SAMPLES = 5  # texts shown at a sampling step
STEPS_AT_RISK = 100  # that a run which is killed does again, where the budget says nothing else


@dataclass(frozen=True)
class Choice:
    """A part picked by name, with the knobs that are turned away from their defaults."""

    name: str
    knobs: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return ":".join([self.name, *(f"{name}={value}" for name, value in self.knobs.items())])


def parse_choice(text: str) -> Choice:
    """Read `lora:rank=4:alpha=8`; values stay texts, since only the part knows their types.

    A colon that no `knob=value` follows belongs to the value before it, as in `own_file:path=C:/data/mine.csv`.
    """
    name, *pieces = text.strip().split(":")
    knobs: dict[str, object] = {}
    key = ""
    for piece in pieces:
        setting = SETTING.fullmatch(piece.strip())
        if setting:
            key = setting["knob"]
            knobs[key] = setting["value"].strip()
        elif key:
            knobs[key] = f"{knobs[key]}:{piece.rstrip()}"
        else:
            raise SpecError(f"a setting of {name}", piece, "knob=value", "For example lora:rank=4:alpha=8.")
    return Choice(name.strip(), knobs)


def parse_choices(texts: list[str]) -> list[Choice]:
    """Read `-m full,lora:rank=4 -m prefix`: several texts, each a comma-joined list.

    Several numbers for a knob are a grid: `lora:rank=2,4:alpha=8,16` is four choices.
    """
    parts = [part for text in texts for part in BETWEEN_CHOICES.split(text) if part.strip()]
    return [choice for part in parts for choice in _grid(parse_choice(part))]


def _grid(choice: Choice) -> list[Choice]:
    """One choice for each combination of the values that its knobs list, the last knob changing fastest."""
    listed = [
        [value.strip() for value in text.split(",")] if VALUES.fullmatch(text := str(value)) else [value]
        for value in choice.knobs.values()
    ]
    return [Choice(choice.name, dict(zip(choice.knobs, values, strict=True))) for values in product(*listed)]


@dataclass(frozen=True)
class Budget:
    """How much a run may learn: the same for every run of a race."""

    steps: int = knob(150, "optimizer steps", low=1, high=1_000_000)
    batch_size: int = knob(8, "examples a step", low=1, high=4096)
    accumulation: int = knob(1, "parts a batch is computed in, to save memory", low=1, high=256)
    examples: int = knob(0, "training examples to use; 0 takes all", low=0)
    evaluate_every: int = knob(0, "steps between evaluations; 0 spreads about eight over the run", low=0)
    sample_every: int = knob(0, "steps between samples; 0 samples at start, middle and end", low=0)
    checkpoint_every: int = knob(0, "steps between checkpoints; 0 saves every hundred and at the end", low=0)
    evaluation_examples: int = knob(64, "held-out examples for the evaluation loss", low=1, high=100_000)
    metric_examples: int = knob(64, "held-out examples answered for the task's score", low=0, high=100_000)
    max_length: int = knob(256, "tokens an example is cut to", low=8, high=131_072)
    warmup: float = knob(0.06, "fraction of the steps in which the learning rate rises", low=0.0, high=1.0)
    schedule: str = knob("cosine", "how the rate falls", choices=("cosine", "linear", "constant", "slanted"))
    weight_decay: float = knob(0.0, "decoupled weight decay of AdamW", low=0.0, high=1.0)
    clip: float = knob(1.0, "largest gradient norm; 0 does not clip", low=0.0)
    precision: str = knob("auto", "number format of the forward pass", choices=("auto", "float32", "bfloat16"))
    learning_rate: float = knob(0.0, "0 takes the method's own default for this model", low=0.0, high=10.0)

    def evaluation_steps(self) -> list[int]:
        """Steps after which the run is evaluated; always 0 and the last."""
        every = self.evaluate_every or max(1, self.steps // 8)
        return _milestones(self.steps, every)

    def sample_steps(self) -> list[int]:
        """Steps after which samples are written; always 0 and the last."""
        every = self.sample_every or max(1, -(-self.steps // 2))
        return _milestones(self.steps, every)

    def checkpoint_steps(self) -> list[int]:
        """Steps after which everything needed to go on is saved; always the last."""
        every = self.checkpoint_every or min(self.steps, STEPS_AT_RISK)
        return [step for step in _milestones(self.steps, every) if step > 0]


def _milestones(steps: int, every: int) -> list[int]:
    """0, every, 2*every, ... and the last step; one too close to the last is left out."""
    regular = [step for step in range(0, steps, every) if step == 0 or steps - step > every // 2]
    return [*regular, steps]


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides a run; a race is several specs that differ in `method` alone."""

    model: str = "pocket-gpt"
    task: Choice = field(default_factory=lambda: Choice("describe"))
    method: Choice = field(default_factory=lambda: Choice("lora"))
    objective: Choice = field(default_factory=lambda: Choice("language_modelling"))
    budget: Budget = field(default_factory=Budget)
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """The spec as plain data, as it stands in spec.json."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "RunSpec":
        """Read what `to_json` wrote.

        Raises:
            SpecError: a field is missing, unknown or out of range.
        """
        known = {entry.name for entry in fields(RunSpec)}
        for name in data:
            if name not in known:
                raise SpecError("a field of a run", name, "one of " + ", ".join(sorted(known)))
        choices = {name: _read_choice(name, data[name]) for name in ("task", "method", "objective") if name in data}
        seed = data.get("seed", 0)
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise SpecError("seed", seed, "a whole number, 0 or more")
        values = data.get("budget", {})
        if not isinstance(values, Mapping):
            raise SpecError("budget", values, "the parts of a budget by name")
        budget = configure(Budget, values, "budget")
        return RunSpec(model=str(data.get("model", "pocket-gpt")), budget=budget, seed=seed, **choices)


def _read_choice(field_name: str, data: Any) -> Choice:
    if isinstance(data, str):
        return parse_choice(data)
    knobs = data.get("knobs", {}) if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(data.get("name"), str) or not isinstance(knobs, Mapping):
        raise SpecError(field_name, data, 'a name, or {"name": ..., "knobs": {...}}')
    return Choice(data["name"], dict(knobs))
