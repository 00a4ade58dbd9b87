"""Training and evaluation in plain PyTorch, as source: what every method's notebook has in common.

The run's numbers stand in one cell as settings, so that the code below them is the same text for most runs.
"""

from types import ModuleType

from workbench.card import Kind, ModelCard
from workbench.report import script_decoder, script_encoder, script_encoder_decoder
from workbench.report.plain.contract import Plain, literal
from workbench.spec import Budget
from workbench.training.check import Checked

WAYS: dict[Kind, ModuleType] = {
    "decoder": script_decoder,
    "encoder": script_encoder,
    "encoder_decoder": script_encoder_decoder,
}
LOAD = """\
import json
import math
from itertools import groupby

import torch
import torch.nn.functional as F
from transformers import {auto}, AutoTokenizer

device = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained(BASE)
base = {auto}.from_pretrained(BASE, dtype=torch.float32{eager})
"""
READ = """\
def read(name):
    \"\"\"The examples of a file, a line each.\"\"\"
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").strip().split("\\n")]
"""
HELD_OUT = """\
@torch.no_grad()
def held_out_loss(examples, size=8):
    \"\"\"Mean over all target tokens, so a long example counts for more than a short one.\"\"\"
    model.eval()  # no dropout
    parts = [summed_loss(examples[first : first + size]) for first in range(0, len(examples), size)]
    return sum(loss.item() for loss, _ in parts) / sum(count for _, count in parts)
"""
VIRTUAL = "    logits = logits[:, -width:]  # the virtual tokens in front have logits too\n"
ANSWERS = """\
    answers["logits"] = logits[labels != -100]  # (targets, vocabulary)
"""
SCHEDULES = {
    "cosine": "0.5 * (1 + math.cos(math.pi * done))",
    "linear": "1 - done",
    "constant": "1.0",
}
FACTOR = """\
def factor(step):
    \"\"\"The fraction of the peak learning rate in this step; the first is 0.\"\"\"
    if step < WARMUP:
        return (step + 1) / WARMUP
    done = (step - WARMUP) / max(1, STEPS - WARMUP)
    return {fall}
"""
SLANTED = """\
def factor(step):
    \"\"\"The fraction of the peak learning rate in this step (Howard and Ruder 2018, equation 3).\"\"\"
    height = step / WARMUP if step < WARMUP else 1 - (step - WARMUP) / max(1, STEPS - WARMUP)
    return (1 + height * 31) / 32
"""
TRAIN = """\
model.to(device)
model.train()
{optimizer}
training = read("training.jsonl")
losses = []
torch.manual_seed(SEED)  # for dropout, where there is any
for step, batch in groupby(training, lambda example: example["step"] - 1):  # the first step is 0
{before}    for group in optimizer.param_groups:
        group["lr"] = RATE * factor(step){times}
    loss, count = summed_loss(list(batch))
    (loss / count{penalty}).backward()
    torch.nn.utils.clip_grad_norm_(moving, CLIP)
    optimizer.step()
    optimizer.zero_grad()
    losses.append(loss.item() / count)
    if step % 10 == 0:
        print(f"step {step + 1}: {losses[-1]:.3f}")
"""
MOVING = """\
moving = [parameter for parameter in model.parameters() if parameter.requires_grad]
print(f"{sum(parameter.numel() for parameter in moving):,} numbers may move")
"""
OPTIMIZER = f"{MOVING}optimizer = torch.optim.AdamW(moving, weight_decay=DECAY)\n"
DECAYING = f"""\
{MOVING}matrices, vectors = [p for p in moving if p.ndim > 1], [p for p in moving if p.ndim < 2]
groups = [{{"params": matrices, "weight_decay": DECAY}}, {{"params": vectors, "weight_decay": 0.0}}]
optimizer = torch.optim.AdamW(groups)  # matrices decay, biases and norms do not
"""
SHRINKING = f"""\
{MOVING}groups = [
    {{"params": [parameter], "shrink": shrink(name), "weight_decay": DECAY if parameter.ndim > 1 else 0.0}}
    for name, parameter in model.named_parameters()
]
optimizer = torch.optim.AdamW(groups)
"""


def settings(checked: Checked) -> str:
    """The run's numbers, a line each; of a run that trains nothing those alone that encoding needs."""
    budget, is_encoder = checked.spec.budget, checked.card.kind == "encoder"
    labels = literal(list(checked.task.labels()))
    masks = script_encoder.SETTINGS.replace("{labels}", labels) if is_encoder else ""
    whole = budget.warmup * budget.steps
    lines = [
        ("SEED", checked.spec.seed, ""),
        ("STEPS", budget.steps, f"of {budget.batch_size} examples"),
        ("RATE", checked.learning_rate, "the largest learning rate"),
        ("WARMUP", int(whole) if budget.schedule == "slanted" else round(whole), "steps in which it rises"),
        ("CLIP", budget.clip, "the largest gradient norm"),
        ("DECAY", budget.weight_decay, "weight decay of matrices"),
        ("MAX_LENGTH", checked.max_length, "tokens that an example may have"),
    ]
    return masks + "".join(
        f"{name} = {'math.inf' if name == 'CLIP' and not value else literal(value)}{f'  # {told}' if told else ''}\n"
        for name, value, told in (lines if checked.method.trains else lines[-1:])
    )


def load(card: ModelCard) -> str:
    """Base and tokenizer; torch's fused attention cannot cap its scores, as Gemma 2 wants it."""
    capped = card.config.get("model_type") == "gemma2" or card.config.get("attn_logit_softcapping")
    eager = ', attn_implementation="eager"' if capped else ""
    return LOAD.replace("{auto}", WAYS[card.kind].AUTO).replace("{eager}", eager)


def explained(card: ModelCard) -> str:
    """What the cell below makes of an example."""
    return WAYS[card.kind].EXPLAINED


def encode(card: ModelCard) -> str:
    """From an example to tokens, and from a file to examples."""
    return f"{WAYS[card.kind].ENCODE}\n\n{READ}"


def loss(plain: Plain, card: ModelCard) -> str:
    """The loss of a batch, and that of the held-out examples."""
    segments = script_encoder.SEGMENTS if card.segments > 1 else "{}"
    text = WAYS[card.kind].LOSS.replace("{segments}", segments)
    if plain.adds_loss:
        text = text.replace("    loss = F.", f"{ANSWERS}    loss = F.")
    return f"{text.replace('{virtual}', VIRTUAL if plain.adds_positions else '')}\n\n{HELD_OUT}"


def training(plain: Plain, budget: Budget) -> str:
    """The schedule and the loop."""
    if plain.loop:
        return plain.loop
    optimizer = SHRINKING if plain.shrinks else DECAYING if budget.weight_decay else OPTIMIZER
    loop = TRAIN.replace("{optimizer}\n", optimizer).replace("{times}", ' * group["shrink"]' if plain.shrinks else "")
    if plain.adds_loss:
        loop = loop.replace("list(batch)", "batch := list(batch)")
    added = " + added_loss(batch)" if plain.adds_loss else " + penalty()" if plain.adds_penalty else ""
    loop = loop.replace("{before}", f"    {plain.before_step}\n" if plain.before_step else "")
    loop = loop.replace("{penalty}", added)
    return f"{_factor(budget.schedule)}\n\n{loop}"


def _factor(schedule: str) -> str:
    if schedule == "slanted":
        return SLANTED
    return FACTOR.replace("{fall}", SCHEDULES[schedule])
