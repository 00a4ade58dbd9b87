"""Peak memory of a step, predicted against measured, on real shapes of 100M to 1B parameters with random weights.

    python bench/memory.py                                  # all shapes and methods, writes bench/memory.csv
    python bench/memory.py --model smollm2-135m -m lora     # one of them

Each cell is a process of its own: a model of the catalog's shape, the second step of a run as races take it (float32,
the whole batch at once), on rows of equal length whose second halves are learned. Measured is what torch's allocator
handed out at most: on a GPU by its own count, on a CPU by the events of torch's profiler, beside what weights and
moments hold. An encoder-decoder reads as many tokens as it writes. `counted` is what the run itself reports
(PeakMemory), which on a CPU sees what is kept for the backward pass and gradients, not what is on its way between two
layers. The estimator's rules were written while looking at gpt2, t5-v1.1-small and tiny models of the families; the
other shapes were not looked at.
"""

import argparse
import csv
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from workbench.card import ModelCard
from workbench.memory import estimate
from workbench.models.catalog import CATALOG, card_of, find_card
from workbench.models.load import Base, load_base, random_model
from workbench.spec import Budget, Choice, RunSpec, parse_choice
from workbench.training.batches import Batch
from workbench.training.bench import set_up
from workbench.training.build import Run, Scribe, build_run
from workbench.training.check import check
from workbench.training.peak_memory import bytes_of
from workbench.training.step import take_step

SHAPES = ("gpt2", "pythia-160m", "smollm2-135m", "opt-350m", "smollm2-360m", "qwen2.5-0.5b", "tinyllama-1.1b")
OTHER_KINDS = {"bert-base": "BertForMaskedLM", "t5-v1.1-small": "", "t5-v1.1-base": ""}  # what they are trained as
LIKE = {"decoder": ("pocket-gpt", "describe"), "encoder": ("pocket-bert", "feelings")}
LIKE["encoder_decoder"] = ("pocket-t5", "describe")
METHODS = ("full", "lora", "qlora", "mezo", "lomo")
TOKENS = 64
BATCHES = (8, 2)
MEBIBYTE = 1024**2


@dataclass(frozen=True)
class Row:
    """One cell in mebibytes; `ratio` is predicted / measured."""

    model: str
    parameters: int
    method: str
    batch_size: int
    device: str
    predicted: float
    measured: float
    counted: float
    ratio: float


def main() -> None:
    """Measure every cell in a process of its own and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("-m", "--method", action="append", default=[])
    parser.add_argument("--batch-size", action="append", type=int, default=[])
    parser.add_argument("--csv", type=Path, default=Path(__file__).parent / "memory.csv")
    parser.add_argument("--cell", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cell:
        model, method, batch_size = options.cell
        print(json.dumps(asdict(measure(model, method, int(batch_size)))))
        return
    for model in options.model or (*SHAPES, *OTHER_KINDS):
        for method in options.method or METHODS:
            for batch_size in options.batch_size or BATCHES:
                _add(options.csv, _cell(model, method, batch_size))


def _cell(model: str, method: str, batch_size: int) -> Row | None:
    """The cell's row; None where the machine's memory does not hold it."""
    command = [sys.executable, "-W", "ignore", __file__, "--cell", model, method, str(batch_size)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{model} {method}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return None
    return Row(**json.loads(done.stdout.strip().splitlines()[-1]))


def _add(path: Path, row: Row | None) -> None:
    """Write the row in its place; a cell that is measured again replaces what stood there."""
    if row is None:
        return
    print(row, flush=True)
    rows = list(csv.DictReader(path.open())) if path.exists() else []
    told = {name: str(value) for name, value in asdict(row).items()}
    place = ("model", "method", "batch_size", "device")
    rows = [old for old in rows if any(old[name] != told[name] for name in place)] + [told]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(told), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def measure(model: str, method: str, batch_size: int) -> Row:
    """Take two steps, the second of them under the allocator's eyes."""
    card = _card(model)
    run, batch = _run(card, method, batch_size), _batch(card, batch_size)
    take_step(run, batch, 1e-5)  # AdamW's moments are born in it
    run.step += 1
    run.memory.largest = sys.maxsize  # the run itself looks no more, so that its hooks hold nothing
    held = bytes_of([*run.memory._weights(), *run.memory._optimizer_tensors()])
    place = run.bench.device.place
    added = _added_on_gpu(run, batch) if place.type == "cuda" else _added_on_cpu(run, batch)
    told = estimate(card, run.checked.anatomy, batch_size, TOKENS, targets=TOKENS // 2).total
    return Row(
        model,
        card.parameters,
        method,
        batch_size,
        torch.cuda.get_device_name(place) if place.type == "cuda" else "cpu",
        round(told / MEBIBYTE, 1),
        round((held + added) / MEBIBYTE, 1),
        round(run.memory.peak / MEBIBYTE, 1),
        round(told / (held + added), 3),
    )


def _card(model: str) -> ModelCard:
    """Of a bare encoder's config, that of the model which fills in masked tokens."""
    if not (head := OTHER_KINDS.get(model)):
        return find_card(model)
    return card_of({**CATALOG[model].config, "architectures": [head]}, model)


def _run(card: ModelCard, method: str, batch_size: int) -> Run:
    pocket, task = LIKE[card.kind]
    base = Base(random_model(card, seed=0), load_base(pocket).tokenizer, card, Path())
    budget = Budget(
        steps=4, batch_size=batch_size, max_length=TOKENS, evaluation_examples=1, metric_examples=0, precision="float32"
    )
    checked = check(RunSpec(card.name, Choice(task), parse_choice(method), budget=budget), card)
    return build_run(checked, set_up(checked, base, base_texts=["one two"]), Scribe("run"))


def _batch(card: ModelCard, batch_size: int) -> list[Batch]:
    place = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    ids = torch.randint(4000, (batch_size, TOKENS), generator=torch.Generator().manual_seed(0)).to(place)
    source = ids.clone() if card.kind == "encoder_decoder" else None
    mask = None if card.kind == "decoder" else torch.ones_like(ids, dtype=torch.bool)
    segments = torch.zeros_like(ids) if card.kind == "encoder" else None
    columns = torch.arange(TOKENS // 2 - 1, TOKENS - 1, device=place)
    places = (torch.arange(batch_size, device=place)[:, None] * TOKENS + columns).flatten()
    return [Batch(ids, places, ids.flatten()[places + 1], ids.numel(), source, mask, segments)]


def _added_on_gpu(run: Run, batch: list[Batch]) -> int:
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    take_step(run, batch, 1e-5)
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def _added_on_cpu(run: Run, batch: list[Batch]) -> int:
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        take_step(run, batch, 1e-5)
    events = [event for event in watched.profiler.kineto_results.events() if event.name() == "[memory]"]
    total = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        total += event.nbytes()
        most = max(most, total)
    return most


if __name__ == "__main__":
    main()
