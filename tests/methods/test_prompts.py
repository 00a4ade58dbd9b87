"""Learned prompts of other kinds, held against their formulas written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from workbench.errors import RunError, SpecError
from workbench.methods.artifact import load_artifact, save_artifact
from workbench.methods.autoprompt import AutoPrompt
from workbench.methods.multitask_prompt import MultitaskPrompt
from workbench.methods.prompt import PromptTuning
from workbench.methods.prompt_mixture import PromptMixture
from workbench.training.search import candidates, keep_best

SEED = 7


def noisy(method: Any, tiny: Any, tokenizer: Any, noise: float = 0.3) -> Any:
    """The method on a tiny model, with noise on what may move so that nothing is zero any more."""
    tuned = method.apply(tiny.shared(), tiny.card, tokenizer, torch.Generator().manual_seed(SEED))
    torch.manual_seed(SEED)
    with torch.no_grad():
        for parameter in tuned.movable.values():
            parameter.add_(noise * torch.randn_like(parameter))
    tuned.model.eval()
    return tuned


def under(prompt: torch.Tensor, model: Any, ids: torch.Tensor) -> torch.Tensor:
    """The logits of a model that finds the prompt (virtual tokens, width) before the text."""
    embedded = torch.cat([prompt.expand(len(ids), -1, -1), model.get_input_embeddings()(ids)], dim=1)
    logits: torch.Tensor = model(inputs_embeds=embedded).logits
    return logits


def test_a_multitask_prompt_is_the_shared_one_times_the_factors(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    tuned = noisy(MultitaskPrompt(virtual_tokens=4, rank=2), base, tokenizer)
    columns, rows, shared = tuned.movable.values()  # (1, tokens, rank), (1, rank, width), (tokens, width)
    factor = sum(torch.outer(columns[0, :, number], rows[0, number]) for number in range(2))
    by_hand = under(shared * factor, base.shared(), ids)
    assert torch.allclose(tuned.model(input_ids=ids).logits, by_hand, atol=1e-5)


def test_a_multitask_prompt_starts_as_prompt_tuning_does(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    both = [
        method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(SEED)).model.eval()
        for method in (MultitaskPrompt(virtual_tokens=4, rank=3), PromptTuning(virtual_tokens=4))
    ]
    assert torch.equal(*(model(input_ids=ids).logits for model in both))


def test_a_mixture_weights_the_answers_under_each_prompt(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    tuned = noisy(PromptMixture(prompts=3, virtual_tokens=4), base, tokenizer)
    weights, table = tuned.movable.values()  # (prompts,), (prompts * tokens, width)
    shares, model = torch.softmax(weights, dim=0), base.shared()
    by_hand = sum(
        share * torch.softmax(under(table[4 * number : 4 * number + 4], model, ids), dim=-1)
        for number, share in enumerate(shares)
    )
    assert torch.allclose(tuned.model(input_ids=ids).logits.exp(), by_hand, atol=1e-6)
    assert shares.min() < 0.3 < shares.max()


def test_a_mixture_of_one_prompt_is_prompt_tuning(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    mixture, prompt = (
        method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(SEED)).model.eval()
        for method in (PromptMixture(prompts=1, virtual_tokens=4), PromptTuning(virtual_tokens=4))
    )
    assert torch.equal(mixture(input_ids=ids).logits, prompt(input_ids=ids).logits)


def test_a_mixture_that_does_not_fit_is_refused(tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    base, method = tiny("gpt2"), PromptMixture(prompts=2, virtual_tokens=2)
    save_artifact(method.apply(base.shared(), base.card, tokenizer, torch.Generator()), method, tmp_path)
    with pytest.raises(RunError, match="does not fit"):
        load_artifact(tmp_path, tiny("opt-narrow").shared())
    save_file({"prompt_encoder.weights": torch.zeros(2)}, tmp_path / "model.safetensors")
    with pytest.raises(RunError, match="does not fit"):
        load_artifact(tmp_path, base.shared())


def test_candidates_are_the_allowed_words_that_lead_furthest_downhill() -> None:
    table = torch.tensor([[1.0, 0.0], [-3.0, 0.0], [-2.0, 5.0], [0.0, -9.0], [-1.0, 1.0]])
    # Up to a constant the words would change the loss by 1, -3, -2, 0 and -1; the second is not allowed.
    assert candidates(table, torch.tensor([1.0, 0.0]), 2, {0, 2, 3, 4}).tolist() == [2, 4]
    assert candidates(table, torch.tensor([1.0, 0.0]), 9, {0, 4}).tolist() == [4, 0]


@pytest.mark.parametrize(("losses", "kept"), [([2.0, 3.0, 1.0, 1.5], 8), ([2.0, 2.0, 2.0, 3.0], 5)])
def test_the_best_candidate_is_kept_where_it_lowers_the_loss(losses: list[float], kept: int) -> None:
    table, trigger, heard = torch.arange(20.0)[:, None].repeat(1, 2), torch.tensor([4, 5]), iter(losses)
    vectors, tokens = torch.nn.Parameter(table[trigger], requires_grad=False), torch.tensor([7, 8, 9])
    seen: list[float] = []

    def loss() -> float:
        seen.append(vectors[1, 0].item())
        return next(heard)

    keep_best(vectors, trigger, 1, table[tokens], tokens, loss)
    assert seen == [5, 7, 8, 9]
    assert trigger.tolist() == [4, kept] and vectors[:, 0].tolist() == [4, kept]


def test_the_artifact_names_the_words(tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    base, method = tiny("gpt2"), AutoPrompt(tokens=2)
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator())
    tuned.told = {"tokens": [5, 7], "words": "w5 w7"}
    save_artifact(tuned, method, tmp_path)
    description = json.loads((tmp_path / "artifact.json").read_text())
    assert (description["tokens"], description["words"]) == ([5, 7], "w5 w7")


@pytest.mark.parametrize(
    ("method", "field"),
    [
        (MultitaskPrompt(virtual_tokens=32), "multitask_prompt:virtual_tokens"),
        (PromptMixture(virtual_tokens=32), "prompt_mixture:virtual_tokens"),
        (AutoPrompt(tokens=32), "autoprompt:tokens"),
    ],
)
def test_prompts_that_leave_no_room_are_refused(method: Any, field: str, tiny: Any, tokenizer: Any) -> None:
    base = tiny("gpt2")  # of 32 positions
    with pytest.raises(SpecError) as caught:
        method.apply(base.shared(), base.card, tokenizer, torch.Generator())
    assert caught.value.field == field


def test_a_prompt_made_of_a_further_file_is_refused(tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    base, method = tiny("gpt2"), MultitaskPrompt(virtual_tokens=2)
    save_artifact(method.apply(base.shared(), base.card, tokenizer, torch.Generator()), method, tmp_path)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    there = {"prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "evil.bin"}
    (tmp_path / "adapter_config.json").write_text(json.dumps({**config, **there}))
    with pytest.raises(RunError, match="never read"):
        load_artifact(tmp_path, base.shared())
