"""A worker that really trains, to be killed between checkpoints.

python trainer.py HOME MODEL
"""

import sys
import time
from pathlib import Path

import torch

from workbench.runs.record import record
from workbench.spec import Budget, Choice, RunSpec

BUDGET = Budget(
    steps=12,
    batch_size=2,
    examples=16,
    evaluation_examples=2,
    metric_examples=0,
    max_length=24,
    checkpoint_every=4,
    evaluate_every=6,
    sample_every=12,
    precision="float32",
)


def specs(model: str) -> list[RunSpec]:
    return [RunSpec(model, Choice("feelings"), Choice(name), budget=BUDGET) for name in ("lora", "full")]


if __name__ == "__main__":
    torch.set_num_threads(1)
    for event in record(specs(sys.argv[2]), Path(sys.argv[1])):
        print(type(event).__name__, event.run, event.seq, event.step, flush=True)
        if event.step >= 6:
            time.sleep(60)  # between the checkpoints of steps 4 and 8: here it is killed
