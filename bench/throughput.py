"""Training speed against Hugging Face Trainer + PEFT: same maths, same batches, interleaved.

    python bench/throughput.py                       # all methods at both sizes, writes bench/throughput.json
    python bench/throughput.py -m lora --rounds 9

Two sizes: `pocket` is the bundled model with the default batch; `launch` is one narrow block and one example a step,
so that what is timed is the overhead of a step, not its arithmetic. Both sides have one core, which is what a run of
a small model has in a race; with more, tiny kernels wait for each other and the figures scatter.

Each round trains two fresh models from the same seed on the very same examples in the same order in float32: eight
steps of the Trainer's, eight of ours, in turn, so that a machine whose speed wavers wavers for both. Both begin with
tokens and pad them as they go: ours as in every run, the Trainer's by the library's own collator for prompts and
targets. A run's figure is target and prompt tokens (no padding) over the seconds of its steps after the fourth; of each
step the median over the rounds counts.
That both do the same maths is shown first, in double precision, where the losses of the first steps must agree; AdamW
turns rounding into differences that grow.
"""

import argparse
import json
import platform
import statistics
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
import transformers
from torch.nn.functional import cross_entropy
from transformers import DataCollatorForSeq2Seq, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from workbench.methods import METHODS
from workbench.models.load import Base, load_base, random_model
from workbench.spec import Budget, Choice, RunSpec, parse_choice
from workbench.tasks.contract import IGNORED
from workbench.tasks.encode import Encoded
from workbench.training.batches import batch_order
from workbench.training.bench import set_up
from workbench.training.build import Run, Scribe, build_run
from workbench.training.check import check_race
from workbench.training.optimizer import rate_factor, set_rate
from workbench.training.step import take_step

SIZES = {"pocket": Budget(steps=40), "launch": Budget(steps=120, batch_size=1)}
TURN = 8  # steps that one side takes before the other's turn
WARM = 4  # steps that are not timed
CHECKED = 8  # steps whose losses are compared in double precision; later ones amplify the last digit's rounding
LOSS_TOLERANCE = 1e-6  # relative


@dataclass(frozen=True)
class Measure:
    """One timed run: tokens and seconds of the steps after the warm ones, and the losses of all steps."""

    tokens: int
    seconds: list[float]
    losses: list[float]


def typical_seconds(measures: Sequence[Measure]) -> float:
    """The seconds of all steps together, of each the median over the rounds."""
    return sum(statistics.median(rounds) for rounds in zip(*(m.seconds for m in measures), strict=True))


def main() -> None:
    """Time every method at every size and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--method", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", action="append", choices=list(SIZES), default=[])
    parser.add_argument("--json", type=Path, default=Path(__file__).parent / "throughput.json")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.filterwarnings("ignore", message=".*pin_memory.*")
    choices = [parse_choice(text) for text in options.method] or [Choice(n) for n, m in METHODS.items() if m.trains]
    rows = []
    for size in options.size or SIZES:
        for choice in choices:
            rows.append(compare(size, choice, options.rounds))
            print(
                "{size:8} {method:24} ours {ours:8.0f}  Trainer {trainer:8.0f}  ratio {ratio:.2f} "
                "({least:.2f} to {most:.2f})  losses differ by {difference:.1e}".format(**rows[-1]),
                flush=True,
            )
    options.json.write_text(json.dumps({"machine": machine(), "rounds": options.rounds, "rows": rows}, indent=2) + "\n")


def compare(size: str, choice: Choice, rounds: int) -> dict[str, Any]:
    """Ratios of ours to the Trainer's speed, round by round."""
    with double_precision():
        checked = time_side_by_side(build(size, choice, CHECKED), build(size, choice, CHECKED))
    difference = max(abs(a - b) / b for a, b in zip(*(side.losses for side in checked), strict=True))
    if difference > LOSS_TOLERANCE:
        raise SystemExit(f"{choice} at {size}: the losses differ by {difference:.1e}; this would compare other maths.")
    pairs = [time_side_by_side(build(size, choice), build(size, choice)) for _ in range(rounds)]
    ours, theirs = zip(*pairs, strict=True)
    ratios = [sum(their.seconds) / sum(our.seconds) for our, their in pairs]
    return {
        "size": size,
        "method": str(choice),
        "ours": ours[0].tokens / typical_seconds(ours),
        "trainer": theirs[0].tokens / typical_seconds(theirs),
        "ratio": typical_seconds(theirs) / typical_seconds(ours),
        "least": min(ratios),
        "most": max(ratios),
        "difference": difference,
    }


@contextmanager
def double_precision() -> Iterator[None]:
    """Within, models are built in float64."""
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def build(size: str, choice: Choice, steps: int = 0) -> Run:
    """A fresh run in torch's default format; the launch-bound size is the pocket shape, one block and 16 wide."""
    base = load_base("pocket-gpt")
    if size == "launch":
        base = shrunk(base)
        choice = Choice("last_layers", {"blocks": 1}) if str(choice) == "last_layers" else choice
    base.model.to(torch.get_default_dtype())
    budget = replace(SIZES[size], precision="float32", schedule="linear", warmup=0.0)
    budget = replace(budget, steps=steps or budget.steps)
    spec = RunSpec("pocket-gpt", Choice("describe"), choice, budget=budget)
    checked = check_race([spec], base.card)[0]
    return build_run(checked, set_up(checked, base), Scribe("bench"))


def shrunk(base: Base) -> Base:
    """The base's architecture at a size where arithmetic hardly counts, with random weights."""
    config = base.card.config | {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "num_key_value_heads": 2, "head_dim": 8,
    }  # fmt: skip
    from workbench.models.screen import card_of

    return Base(random_model(config, 0), base.tokenizer, card_of(config, base.card.name), base.folder)


def time_side_by_side(ours: Run, theirs: Run) -> tuple[Measure, Measure]:
    """Our loop and the Trainer's on the same examples: after each step of the Trainer's comes ours, untimed by it."""
    steps = chosen(theirs)
    chosen(ours)  # encodes the examples, which the Trainer finds encoded too
    features = [[{"input_ids": list(e.ids), "labels": list(e.labels)} for e in examples] for examples in steps]
    collate = DataCollatorForSeq2Seq(theirs.bench.base.tokenizer)
    budget, turns = theirs.checked.spec.budget, Turns(ours, theirs)
    set_rate(theirs.optimizer, theirs.checked.learning_rate)
    optimizer = torch.optim.AdamW(theirs.optimizer.param_groups, fused=True)  # the Trainer's own default
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, budget))
    with tempfile.TemporaryDirectory() as folder:
        trainer = LossTrainer(
            model=theirs.tuned.model,
            args=arguments(folder, budget),
            train_dataset=features,
            data_collator=lambda items: collate([dict(feature) for feature in items[0]]),
            optimizers=(optimizer, schedule),
            callbacks=[turns],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.losses = []
        trainer.train()
    tokens = sum(len(example.ids) for examples in steps[WARM:] for example in examples)
    measured = Measure(tokens, turns.their_seconds[WARM:], [loss.item() for loss in trainer.losses])
    return Measure(tokens, turns.our_seconds[WARM:], turns.our_losses), measured


def chosen(run: Run) -> list[list[Encoded]]:
    """The encoded examples of every step."""
    budget, examples = run.checked.spec.budget, run.bench.examples
    order = islice(batch_order(examples, budget.batch_size, run.checked.spec.seed), budget.steps)
    return [[examples[number] for number in numbers] for numbers in order]


class Turns(TrainerCallback):  # type: ignore[misc]
    """Times the Trainer's steps, from one step's end to the next's, and takes ours between them."""

    def __init__(self, ours: Run, theirs: Run) -> None:
        self.ours, self.theirs = ours, theirs
        self.batches = ours.batches()
        self.our_losses: list[float] = []
        self.our_seconds: list[float] = []
        self.their_seconds: list[float] = []
        self.began = perf_counter()

    def on_step_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Gradual unfreezing happens here."""
        self.theirs.checked.method.on_progress(self.theirs.tuned, state.global_step / state.max_steps)

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Note the Trainer's time; when its turn is over, take and time our steps on the same examples."""
        now = perf_counter()
        self.their_seconds.append(now - self.began)
        self.began = now
        if state.global_step % TURN == 0 or state.global_step == state.max_steps:
            self.catch_up(state.global_step)
            self.began = perf_counter()

    def catch_up(self, until: int) -> None:
        """Take our steps as far as the Trainer's went."""
        checked, began = self.ours.checked, perf_counter()
        for step, batch in enumerate(islice(self.batches, until - len(self.our_losses)), len(self.our_losses)):
            checked.method.on_progress(self.ours.tuned, step / checked.spec.budget.steps)
            rate = checked.learning_rate * rate_factor(step, checked.spec.budget)
            self.our_losses.append(take_step(self.ours, batch, rate)[0])
            now = perf_counter()
            self.our_seconds.append(now - began)
            began = now


class LossTrainer(Trainer):  # type: ignore[misc]
    """The Trainer with the loss of the labelled tokens, which drops the virtual tokens that PEFT puts in front."""

    losses: list[torch.Tensor]

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **more: Any) -> torch.Tensor:
        """Mean cross-entropy over the labelled tokens, from logits at every position as the Trainer has them."""
        labels = inputs.pop("labels")
        logits = model(**inputs, use_cache=False).logits[:, -labels.shape[1] :]  # (batch, time, vocab)
        loss = cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)
        self.losses.append(loss.detach())
        return loss


def arguments(folder: str, budget: Budget) -> TrainingArguments:
    """Nothing but training: no evaluation, no checkpoints, no reports, no shuffling."""
    return TrainingArguments(
        output_dir=folder,
        max_steps=budget.steps,
        per_device_train_batch_size=1,
        max_grad_norm=budget.clip,
        train_sampling_strategy="sequential",
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }


if __name__ == "__main__":
    main()
