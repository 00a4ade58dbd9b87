import pytest
import torch
from torch.nn.functional import cross_entropy

from workbench.objectives.language_modelling import LanguageModelling
from workbench.training.batches import evaluation_batches
from workbench.training.device import Device
from workbench.training.evaluate import at_rest, head_at, labelled_logits, mean_loss

METHODS = ["none", "full", "lora", "adapter", "prefix", "mam", "prompt", "p_tuning", "feature_based"]


def by_hand(model, examples):
    """Cross-entropy of every target given what stands before it, one example at a time, without any batching."""
    losses = []
    for example in examples:
        logits = model(input_ids=torch.tensor([example.ids]), use_cache=False).logits[0, -len(example.ids) :]
        pairs = [(place, label) for place, label in enumerate(example.labels[1:]) if label != -100]
        losses += [cross_entropy(logits[place], torch.tensor(label)) for place, label in pairs]
    return torch.stack(losses)


@pytest.mark.parametrize("method", METHODS)
def test_the_loss_of_a_padded_batch_is_the_cross_entropy_by_hand(build, method):
    run = build(method)
    examples = [run.bench.examples[number] for number in range(5)]
    batches = evaluation_batches(examples, 0, torch.device("cpu"))
    loss = mean_loss(run.tuned.model, batches, LanguageModelling(), Device(torch.device("cpu")))
    with at_rest(run.tuned.model):
        expected = by_hand(run.tuned.model, examples).mean()
    assert loss == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("method", ["full", "prompt"])
def test_logits_are_computed_where_a_label_is_and_nowhere_else(build, method):
    run = build(method)
    seen = []
    head = run.tuned.model.get_output_embeddings()
    head.register_forward_hook(lambda module, inputs, output: seen.append(tuple(output.shape)))
    batch = next(run.batches())[0]
    assert batch.targets < batch.ids.numel()
    logits = labelled_logits(run.tuned.model, batch)
    assert seen == [(batch.targets, 40)]
    assert logits.shape == (batch.targets, 40)


def test_the_head_sees_everything_again_afterwards(base):
    with head_at(base.model, 3, torch.tensor([1])):
        assert base.model(input_ids=torch.tensor([[4, 5, 6]])).logits.shape == (1, 40)
    assert base.model(input_ids=torch.tensor([[4, 5, 6]])).logits.shape == (1, 3, 40)


def test_evaluation_leaves_the_model_as_it_was(build):
    run = build("lora")
    assert run.tuned.model.training
    mean_loss(run.tuned.model, run.questions.batches, LanguageModelling(), run.bench.device)
    assert run.tuned.model.training
    assert torch.is_grad_enabled()
