"""Play: one prompt, answered by the base and by tuned runs side by side."""

import time
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets

from workbench.errors import RunError, SpecError, WorkbenchError
from workbench.jobs.kinds import LONGEST_ANSWER, MOST_VOICES
from workbench.report.race import labels
from workbench.runs.folder import RunFolder
from workbench.widgets.listing import folders_of
from workbench.widgets.still import Still, put, replace
from workbench.widgets.tables import lines, plain_table, safe

if TYPE_CHECKING:
    from torch import nn

    from workbench.models.load import Base

BASE = "base, untuned"
FIRST_PROMPT = "One day, Mia"
PAUSE = 0.1  # seconds between two looks at what is written


class Voices(Protocol):
    """Whoever answers prompts; `names` in the order in which they are shown."""

    names: list[str]

    def write(self, prompt: str, temperature: float, seed: int, tokens: int) -> Iterator[dict[str, str]]:
        """The next pieces of the answers, by name."""


class Play:
    """A prompt box over the base model and some runs; `ask` does the same in code."""

    def __init__(self, voices: Voices) -> None:
        self._voices = voices
        self.answers: dict[str, str] = {}
        self.asked = ""
        self._places: list[str] = []
        self.prompt = ipywidgets.Textarea(FIRST_PROMPT, description="Prompt", layout={"width": "90%"})
        self.temperature = ipywidgets.FloatSlider(
            0, min=0, max=2, step=0.1, description="Temperature", tooltip="0 takes the likeliest; 1 draws as learned"
        )
        self.seed = ipywidgets.IntText(0, description="Seed", tooltip="decides the draws")
        self.button = ipywidgets.Button(description="Write", button_style="primary")
        self.button.on_click(lambda _: self._write())
        self.texts = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.prompt, self.temperature, self.seed, self.button, self.texts])

    def ask(self, prompt: str, temperature: float = 0.0, seed: int = 0, tokens: int = 60) -> dict[str, str]:
        """What the base and each run write after the prompt, by name.

        `temperature` 0 takes the likeliest token, 1 draws as learned; `seed` decides the draws; `tokens` at most.

        Raises:
            SpecError: a value is out of range.
        """
        _check(temperature, seed, tokens)
        answers = dict.fromkeys(self._voices.names, "")
        shown = 0.0
        for pieces in self._voices.write(str(prompt), float(temperature), seed, tokens):
            answers |= {name: answers[name] + piece for name, piece in pieces.items()}
            self.asked, self.answers = str(prompt), answers
            if time.monotonic() - shown > PAUSE:
                self.texts.value, shown = self._table(), time.monotonic()
        self.texts.value = self._table()
        for name in self._places:
            replace(name, self._bundle())
        return self.answers

    def _write(self) -> None:
        """The button: whatever is wrong is said below it."""
        self.button.disabled = True
        self.texts.value = "Reading the models..."
        try:
            self.ask(self.prompt.value, self.temperature.value, self.seed.value)
        except WorkbenchError as error:
            self.texts.value = f'<p role="alert"><b>{safe(error)}</b></p>'
        finally:
            self.button.disabled = False

    def _table(self) -> str:
        rows = [[name, text] for name, text in self.answers.items()]
        return f"<p>After <b><bdi>{safe(self.asked)}</bdi></b></p>" + plain_table("Answers", ("model", "text"), rows)

    def _bundle(self) -> dict[str, Any]:
        html = self._table() if self.answers else f"<p>{safe(self)}</p>"
        return Still(repr(self), html).bundle(self.box)

    def _ipython_display_(self) -> None:
        """Show the form and the answers."""
        self._places.append(put(self._bundle()))

    def __repr__(self) -> str:
        """The answers, or who would give some."""
        if self.answers:
            return lines([[name, " ".join(text.split())] for name, text in self.answers.items()])
        return f"{', '.join(self._voices.names)} wait for a prompt: .ask(...)"


class Kernel:
    """Voices whose models live in this kernel, over one base."""

    def __init__(self, folders: list[RunFolder]) -> None:
        specs = [folder.spec() for folder in folders]
        self.model = specs[0].model
        self._artifacts = dict(zip(labels(specs), [folder.artifact for folder in folders], strict=True))
        self.names = [BASE, *self._artifacts]

    def write(self, prompt: str, temperature: float, seed: int, tokens: int) -> Iterator[dict[str, str]]:
        """A piece of each answer that is not at its end, in turn."""
        from workbench.tasks.encode import layout_of
        from workbench.training.generate import Writing, stream

        base = self._base
        positions = base.card.positions
        layout = layout_of(base.card, base.tokenizer)
        writing = Writing(min(tokens, positions // 2), temperature, seed, positions, layout=layout)
        voices = {name: stream(model, base.tokenizer, prompt, writing) for name, model in self._models.items()}
        while pieces := {name: piece for name, voice in voices.items() if (piece := next(voice, None)) is not None}:
            yield pieces

    @cached_property
    def _base(self) -> "Base":
        from workbench.models.load import load_base

        return load_base(self.model)

    @cached_property
    def _models(self) -> "dict[str, nn.Module]":
        """The base, and every run's model over the same frozen weights."""
        from workbench.methods.artifact import load_artifact
        from workbench.training.bench import share

        shared = self._base.model
        tuned = {name: load_artifact(folder, share(shared)) for name, folder in self._artifacts.items()}
        return {BASE: share(shared), **tuned}


def play(runs: Any, prompt: str = "") -> Play:
    """Let the base and tuned runs of one base model answer prompts; a prompt given here is answered at once.

    Raises:
        RunError: a run is not there or kept no weights.
        SpecError: there are too many, or they start from different base models.
    """
    folders = folders_of(runs)
    if len(folders) > MOST_VOICES:
        raise SpecError("the number of runs to play with", len(folders), f"{MOST_VOICES} or less")
    for folder in folders:
        if not folder.artifact.is_dir():
            raise RunError(f"Run {folder.id} kept no tuned weights.", "They are there once it is finished.")
    models = sorted({folder.spec().model for folder in folders})
    if len(models) > 1:
        raise SpecError("the base models of these runs", ", ".join(models), "one", "Choose runs of one model.")
    return prompted(Play(Kernel(folders)), prompt)


def prompted(played: Play, prompt: str) -> Play:
    """The form, with a first prompt answered where there is one."""
    if prompt:
        played.prompt.value = prompt
        played.ask(prompt)
    return played


def _check(temperature: object, seed: object, tokens: object) -> None:
    """Hold what is asked for to its limits.

    Raises:
        SpecError: a value is out of range.
    """
    if not isinstance(temperature, (int, float)) or not 0 <= temperature <= 10:
        raise SpecError("temperature", temperature, "a number from 0 to 10")
    if not isinstance(tokens, int) or not 1 <= tokens <= LONGEST_ANSWER:
        raise SpecError("tokens", tokens, f"a whole number from 1 to {LONGEST_ANSWER}")
    if not isinstance(seed, int) or seed < 0:
        raise SpecError("seed", seed, "a whole number, 0 or more")
