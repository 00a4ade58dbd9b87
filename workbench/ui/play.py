"""Play: one prompt, answered by the base and by several tuned runs side by side, as they write."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from workbench.jobs.kinds import MOST_VOICES
from workbench.server.desk import Desk
from workbench.server.writing import LONGEST_PROMPT, Wish, written
from workbench.ui.asking import AT_ONCE, owner_of, run_choices, told
from workbench.views.text import readable

FIRST_PROMPT = "One day, Mia"


def build(desk: Desk, tab: gr.Tab) -> None:
    """The form and a box for each voice."""
    gr.Markdown("One prompt goes to the base model and to every run that you choose. They write at the same time.")
    with gr.Row():
        runs = gr.Dropdown(
            [],
            multiselect=True,
            max_choices=MOST_VOICES,
            label="Runs",
            info=f"finished ones of one base model, up to {MOST_VOICES}",
        )
    prompt = gr.Textbox(FIRST_PROMPT, label="Prompt", lines=2, max_length=LONGEST_PROMPT)
    with gr.Row():
        temperature = gr.Slider(
            0, 2, 0, step=0.1, label="Temperature", info="0 takes the likeliest token; 1 draws as learned"
        )
        top_p = gr.Slider(
            0.05, 1, 1, step=0.05, label="Top-p", info="draw only from the likeliest tokens that reach this share"
        )
        scale = gr.Slider(
            0, 2, 1, step=0.1, label="Strength of the change", info="LoRA and adapters only: 0 base, 1 tuned"
        )
        seed = gr.Number(0, label="Seed", precision=0, minimum=0, info="decides the draws")
    write = gr.Button("Write", variant="primary")
    with gr.Row():
        voices = [gr.Textbox("", label="Base model, untuned", lines=4, interactive=False)]
        voices += [
            gr.Textbox("", label=f"run {number}", lines=4, interactive=False, visible=False)
            for number in range(1, MOST_VOICES + 1)
        ]

    @told
    def refresh(chosen: list[str], request: gr.Request) -> Any:
        choices = run_choices(desk, owner_of(request), ("finished",))
        known = {run for _, run in choices}
        return gr.update(choices=choices, value=[run for run in chosen or [] if run in known])

    @told
    def answer(
        chosen: list[str], prompt: str, temperature: float, top_p: float, scale: float, seed: float, request: gr.Request
    ) -> Iterator[list[Any]]:
        owner = owner_of(request)
        names = {run: label for label, run in run_choices(desk, owner, ("finished",))}
        runs = [run for run in (chosen or [])[:MOST_VOICES] if run in names]
        wish = Wish(prompt, runs, temperature, top_p, scale, int(seed or 0))
        texts = [""] * (1 + len(runs))
        for message in written(desk, wish, owner):
            texts[message["place"]] += message.get("text", "")
            yield shown(texts, ["Base model, untuned", *(names[run] for run in runs)])

    tab.select(refresh, runs, runs, **AT_ONCE)
    gr.on(
        [write.click, prompt.submit], answer, [runs, prompt, temperature, top_p, scale, seed], voices,
        show_progress="hidden", concurrency_limit=2,
    )  # fmt: skip


def shown(texts: list[str], labels: list[str]) -> list[Any]:
    """Updates of all boxes: those with a voice are seen."""
    full = [
        gr.update(value=readable(text), label=label, visible=True) for text, label in zip(texts, labels, strict=True)
    ]
    return full + [gr.update(visible=False)] * (1 + MOST_VOICES - len(full))
