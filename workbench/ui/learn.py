"""Learn: a page for each way of tuning, from the same texts as the forms and the docs."""

import gradio as gr

from workbench.knobs import knobs
from workbench.methods import METHODS
from workbench.methods.contract import Method

TOUR = """
1. **Pick.** In *Race*, leave the first model as it is, choose a task and a few ways of tuning.
2. **See before you train.** Each card says how many numbers will move; *X-ray* shows where they are in the model.
3. **Start the race.** All runs learn from the same batches. Curves, samples and forgetting fill in as steps pass.
4. **Compare and play.** When runs are finished, lay them side by side in *Compare*, or talk to them in *Play*.
5. **Go on.** Turn one knob, race again, and see whether what you expected happens. A link keeps the whole set-up.
"""


def build() -> None:
    """A tour, then a closed section for each method."""
    gr.Markdown(f"## Five steps\n{TOUR}")
    gr.Markdown("## Ways of tuning")
    for name in METHODS:
        part = METHODS[name]
        with gr.Accordion(f"{part.title}: {part.plain}", open=False):
            gr.Markdown(method_page(part))


def method_page(part: type[Method]) -> str:
    """What moves, the formula, the knobs, the paper, and a link that opens a prepared race."""
    rows = "\n".join(
        f"| {knob.name.replace('_', ' ')} | {knob.default} | {knob.help} |" for knob in knobs(part).values()
    )
    table = f"\n\n| knob | default | what it does |\n|---|---|---|\n{rows}" if rows else ""
    others = [name for name in ("none", "full") if name != part.name]
    link = "&".join(["?model=pocket-gpt&task=describe", *(f"m={name}" for name in (*others, part.name))])
    return f"""{part.idea}

**Formula.** `{part.formula}`

**Paper.** {part.paper}{table}

[Try it: race {part.title} against {" and ".join(METHODS[name].title for name in others)}]({link})
"""
