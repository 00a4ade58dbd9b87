"""Combined LoRAs: a sum is exactly the sum of the changes, the other ways do what their papers say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.errors import RunError, SpecError
from workbench.methods.artifact import load_artifact
from workbench.models.load import load_base
from workbench.report.combined import Recipe, combine
from workbench.report.merged import export_merged
from workbench.runs.archive import export_artifact
from workbench.runs.folder import RunFolder
from workbench.runs.record import record
from workbench.spec import Budget, Choice, RunSpec, parse_choice

torch.set_num_threads(1)

BUDGET = Budget(steps=3, batch_size=2, evaluation_examples=2, metric_examples=0, learning_rate=0.01)
MODEL = "pocket-gpt-nano"

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunFolder]:
    monkeypatch.setattr("workbench.training.bench.BASE_DOCUMENTS", 2)
    monkeypatch.setattr("workbench.training.bench.SAMPLES", 1)

    def train(method: str = "lora", seed: int = 0, **more: Any) -> RunFolder:
        spec = RunSpec(MODEL, method=parse_choice(method), budget=BUDGET, seed=seed, **more)
        run = [event.run for event in record([spec], tmp_path / "home")][-1]
        return RunFolder(tmp_path / "home" / "runs" / run)

    return train


def changes(folder: Path) -> dict[str, torch.Tensor]:
    """What the folder adds to each matrix of the base."""
    model: Any = load_artifact(folder, load_base(MODEL).model)
    layers = {name: module for name, module in model.named_modules() if hasattr(module, "get_delta_weight")}
    return {name: layer.get_delta_weight("default").detach() for name, layer in layers.items()}


def test_a_sum_is_the_sum_of_the_changes(trained: Callable[..., RunFolder], tmp_path: Path) -> None:
    one, other = trained(seed=0), trained("lora:rank=3", seed=1)
    both = changes(combine([one, other], tmp_path / "both", Recipe(weights=(1.0, -0.5))))
    first, second = changes(one.artifact), changes(other.artifact)
    assert both.keys() == first.keys()
    for name, change in both.items():
        torch.testing.assert_close(change, first[name] - 0.5 * second[name], rtol=1e-4, atol=1e-6)


def test_ties_keeps_the_largest_numbers_and_the_heavier_sign(trained: Callable[..., RunFolder], tmp_path: Path) -> None:
    from safetensors.torch import load_file

    runs = [trained(seed=seed) for seed in (0, 1)]
    combine(runs, tmp_path / "ties", Recipe("ties", density=0.25))
    found, *parts = (
        load_file(folder / "adapter_model.safetensors")
        for folder in (tmp_path / "ties", *(run.artifact for run in runs))
    )
    for name, merged in found.items():
        size = int(0.25 * merged.numel())
        # PEFT puts the root of weight times scale (alpha / rank = 2) on both matrices before it compares them.
        kept = [part[name] * 2**0.5 for part in parts]
        kept = [k * (k.abs() >= k.abs().flatten().topk(size).values[-1]) for k in kept]
        sign = torch.stack(kept).sum(0).sign()
        agreeing = torch.stack([k * (k.sign() == sign) for k in kept])
        expected = agreeing.sum(0) / (agreeing != 0).sum(0).clamp(min=1)
        torch.testing.assert_close(merged, expected, rtol=1e-4, atol=1e-6)


def test_dare_leaves_out_by_chance_as_its_seed_says(trained: Callable[..., RunFolder], tmp_path: Path) -> None:
    runs = [trained(seed=seed) for seed in (0, 1)]
    made = [
        changes(combine(runs, tmp_path / f"dare{number}", Recipe("dare", seed=seed)))
        for number, seed in enumerate((3, 3, 4))
    ]
    assert all(torch.equal(made[0][name], made[1][name]) for name in made[0])
    assert any(not torch.equal(made[0][name], made[2][name]) for name in made[0])


def test_what_does_not_fit_is_refused_in_a_sentence(trained: Callable[..., RunFolder], tmp_path: Path) -> None:
    lora, adapter, thin = trained(), trained("adapter"), trained("lora:rank=2")
    with pytest.raises(RunError, match="combined are LoRAs"):
        combine([lora, adapter], tmp_path / "no", Recipe())
    with pytest.raises(RunError, match="of one rank"):
        combine([lora, thin], tmp_path / "no", Recipe("ties"))
    with pytest.raises(SpecError, match="two or more"):
        combine([lora], tmp_path / "no", Recipe())
    with pytest.raises(SpecError, match="one for each run"):
        combine([lora, thin], tmp_path / "no", Recipe(weights=(1.0,)))
    with pytest.raises(SpecError, match="density"):
        combine([lora, thin], tmp_path / "no", Recipe(density=0))
    assert not (tmp_path / "no").exists()


def test_the_command_writes_what_generate_reads(trained: Callable[..., RunFolder], tmp_path: Path) -> None:
    one, other = trained(seed=0), trained(seed=1)
    target, home = tmp_path / "both", str(tmp_path / "home")
    command = ["runs", "combine", one.id, other.id, "--to", str(target), "--weights", "0.5,0.5", "--home", home]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0, told.output
    asked = ["generate", "--model", MODEL, "--adapter", str(target), "--prompt", "One day,", "--max-tokens", "5"]
    assert CliRunner().invoke(app, asked).exit_code == 0


def test_what_answers_by_a_head_is_neither_combined_nor_merged(
    trained: Callable[..., RunFolder], tmp_path: Path
) -> None:
    by_head = trained(task=Choice("follows"), objective=Choice("classification"))
    with pytest.raises(RunError, match="answers by a classification head"):
        combine([by_head, trained()], tmp_path / "both", Recipe())
    with pytest.raises(RunError, match="answers by a classification head"):
        export_merged(by_head, tmp_path / "merged")
    copied = export_artifact(by_head, tmp_path / "copied")
    prompt = "Ben is home.\nBen is home.\nFollows:"
    told = CliRunner().invoke(app, ["generate", "--model", MODEL, "--adapter", str(copied), "--prompt", prompt])
    assert told.exit_code == 0, told.output
    assert told.stdout.strip() in ("yes", "no")
