import math

import pytest

from workbench.training.step import take_step


def trained(run, steps=3, rate=1e-2):
    for batch in run.batches():
        take_step(run, batch, rate)
        run.step += 1
        if run.step == steps:
            break
    return run


def block_norm(run, base, block):
    pieces = [piece.name for piece in run.checked.anatomy.pieces if piece.block == block and piece.name in base]
    return math.sqrt(sum(float(base[name].square().sum()) for name in pieces))


def test_nothing_has_moved_at_the_start(build):
    for method in ("full", "lora", "prefix", "lora:pissa=true", "adapter", "scratch"):
        assert max(build(method).movement.now().values()) < 1e-9, method


def test_movement_of_full_fine_tuning_is_the_relative_change_of_each_part(build, base):
    run = trained(build("full"))
    before, after = base.model.state_dict(), run.tuned.model.state_dict()
    movement = run.movement.now()
    assert list(movement) == ["embedding", "block 0", "block 1", "head"]
    for block in (0, 1):
        names = [name for name in before if f"layers.{block}." in name]
        change = math.sqrt(sum(float((after[name] - before[name]).square().sum()) for name in names))
        assert movement[f"block {block}"] == pytest.approx(change / block_norm(run, before, block), rel=1e-5)


@pytest.mark.parametrize("method", ["lora:rank=3", "lora:rank=3:pissa=true"])
def test_movement_of_lora_is_that_of_the_product_it_adds(build, base, method):
    run = build(method)
    layers = {name: m for name, m in run.tuned.model.named_modules() if hasattr(m, "lora_A") and ".layers.1." in name}
    start = {name: layer.get_delta_weight("default").detach().clone() for name, layer in layers.items()}
    trained(run)
    change = sum(
        float((layer.get_delta_weight("default").detach() - start[n]).square().sum()) for n, layer in layers.items()
    )
    norm = block_norm(run, dict(base.model.named_parameters()), 1)
    assert run.movement.now()["block 1"] == pytest.approx(math.sqrt(change) / norm, rel=1e-3)


def test_movement_of_learned_prompts_is_told_under_their_role(build):
    assert list(trained(build("prefix")).movement.now()) == ["prefix"]


def test_nothing_moves_without_training(build):
    assert build("none").movement.now() == {}
