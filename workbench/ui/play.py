"""Play: one prompt, answered by the base and by several tuned runs side by side, as they write."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from workbench.server.desk import Desk
from workbench.ui.asking import owner_of, run_choices, told
from workbench.views.text import readable

MOST = 6  # runs that answer at once, beside the base
FIRST_PROMPT = "One day, Mia"


def build(desk: Desk, tab: gr.Tab) -> None:
    """The form and a box for each voice."""
    gr.Markdown("One prompt goes to the base model and to every run that you choose. They write at the same time.")
    with gr.Row():
        runs = gr.Dropdown(
            [], multiselect=True, max_choices=MOST, label="Runs", info=f"finished ones of one base model, up to {MOST}"
        )
    prompt = gr.Textbox(FIRST_PROMPT, label="Prompt", lines=2, max_length=2000)
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
            for number in range(1, MOST + 1)
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
        entries = {entry.run: entry for entry in desk.entries(owner)}
        picked = [entries[run] for run in (chosen or [])[:MOST] if run in entries]
        models = {entry.spec["model"] for entry in picked} or {"pocket-gpt"}
        if len(models) > 1:
            raise gr.Error("These runs have different base models. Choose runs of one model.", print_exception=False)
        folders = [desk.folder(entry.run, owner) for entry in picked]
        artifacts = [str(folder.artifact) if folder.artifact.is_dir() else None for folder in folders]
        labels = dict(run_choices(desk, owner, ("finished",)))
        names = {run: label for label, run in labels.items()}
        what = {
            "kind": "write", "model": models.pop(), "artifacts": [None, *artifacts], "prompt": prompt,
            "temperature": temperature, "top_p": top_p, "seed": int(seed or 0), "scale": scale,
        }  # fmt: skip
        texts = [""] * (1 + len(picked))
        for message in desk.ask(what):
            texts[message["place"]] += message.get("text", "")
            yield shown(texts, ["Base model, untuned", *(names.get(entry.run, entry.run) for entry in picked)])

    tab.select(refresh, runs, runs, show_progress="hidden")
    gr.on(
        [write.click, prompt.submit], answer, [runs, prompt, temperature, top_p, scale, seed], voices,
        show_progress="hidden", concurrency_limit=2,
    )  # fmt: skip


def shown(texts: list[str], labels: list[str]) -> list[Any]:
    """Updates of all boxes: those with a voice are seen."""
    full = [
        gr.update(value=readable(text), label=label, visible=True) for text, label in zip(texts, labels, strict=True)
    ]
    return full + [gr.update(visible=False)] * (1 + MOST - len(full))
