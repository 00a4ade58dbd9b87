"""The exact recipes of the bundled base models; `make pretrain` follows them."""

from dataclasses import dataclass

from workbench.errors import SpecError


@dataclass(frozen=True)
class Recipe:
    """Shape, data and optimizer of one pretraining run.

    A step learns from `documents_per_step` documents, about 65 tokens each, in `parts` of rows alike in length; a
    document is cut to `context` tokens. Matrices inside the blocks learn by Muon
    (Jordan et al. 2024), all other parameters by AdamW (Loshchilov & Hutter 2019). The rates rise over
    `warmup_steps`, stay, and fall to zero over the last `decay` (a fraction; trapezoid of Zhai et al. 2022,
    section 3.5), so that a longer recipe begins as the shorter one does.
    """

    name: str
    width: int
    depth: int
    heads: int
    feed_forward: int
    steps: int
    context: int = 256
    documents_per_step: int = 128
    parts: int = 4
    matrix_rate: float = 0.04
    vector_rate: float = 6e-3
    weight_decay: float = 0.01
    warmup_steps: int = 49
    decay: float = 0.3
    clip: float = 1.0
    seed: int = 1
    kind: str = "decoder"  # one of pretraining/kinds


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("pocket-gpt", width=192, depth=6, heads=6, feed_forward=512, steps=5_600),
        Recipe("pocket-gpt-micro", width=128, depth=3, heads=4, feed_forward=384, steps=2_400),
        Recipe("pocket-gpt-nano", width=64, depth=3, heads=4, feed_forward=176, steps=2_400),
        Recipe("pocket-bert", width=128, depth=5, heads=4, feed_forward=512, steps=4_800, kind="encoder"),
        Recipe(
            "pocket-t5",
            width=128,
            depth=3,
            heads=4,
            feed_forward=320,
            steps=3_000,
            vector_rate=6e-2,
            kind="encoder_decoder",
        ),
    )
}


def find_recipe(name: str) -> Recipe:
    """The recipe of a bundled model.

    Raises:
        SpecError: no bundled model has this name.
    """
    if name not in RECIPES:
        raise SpecError("model", name, "one of " + ", ".join(RECIPES))
    return RECIPES[name]
