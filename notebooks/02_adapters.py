# %% [markdown]
# # 02 · Adapters
#
# **The question.** Leave the model as it is and put small new networks between its layers: how much of full tuning's
# quality does that buy, and what does the width of their middle change?

# %%
import copy

import torch

from workbench.lessons import check, lesson
from workbench.views.findings import findings

budget = lesson.budget()
base = lesson.load_base(budget.model)
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# An adapter squeezes a signal through a narrow middle, bends it, widens it again, and adds the result to what came in:
# `y = h + up(bend(down(h)))`. With two of them in each block of BERT, full tuning's quality on GLUE is reached within
# 0.4 % with 3.6 % of the parameters for each task. The width of the middle is the knob
# (Houlsby et al. 2019, [arXiv:1902.00751](https://arxiv.org/abs/1902.00751)).
#
# ## Predict before you run

# %%
my_guess = {
    "full tuning's loss is lower by so many percent": "?",
    "a middle of 64 ends lower than one of 4": "?",  # yes or no
    "an adapter can be merged into the layer behind which it stands": "?",  # yes or no
}

# %% [markdown]
# ## From scratch
#
# `up` starts at zero, so that at first the adapter hands on what it was given.


# %%
class ScratchAdapter(torch.nn.Module):
    """A frozen layer with a bottleneck behind it: y = h + up(relu(down(h))), h the layer's output."""

    def __init__(self, layer, width, middle):
        super().__init__()
        self.layer = layer
        self.down = torch.nn.Linear(width, middle)
        self.up = torch.nn.Linear(middle, width)
        torch.nn.init.zeros_(self.up.weight)
        torch.nn.init.zeros_(self.up.bias)

    def forward(self, x):
        h = self.layer(x)  # (batch, time, width)
        return h + self.up(torch.relu(self.down(h)))


# %% [markdown]
# **Check 1.** At the start nothing changes.

# %%
width = base.card.width
name = base.card.modules("feed_forward_down")[0]
layer = base.model.get_submodule(name)
x = torch.randn(2, 5, base.card.feed_forward)
assert torch.equal(ScratchAdapter(layer, width, middle=16)(x), layer(x))

# %% [markdown]
# **Check 2.** The whole model: adapters behind the attention and behind the feed-forward network of every block. They
# have as many numbers as the package's `adapter`.

# %%
model = copy.deepcopy(base.model)
names = base.card.modules("attention_output", "feed_forward_down")
for name in names:
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, ScratchAdapter(model.get_submodule(name), width, middle=16))
moving = sum(p.numel() for name, p in model.named_parameters() if ".down." in name or ".up." in name)
counted = lesson.anatomy(budget.model, "adapter:width=16")
assert moving == counted.trainable == len(names) * (2 * width * 16 + width + 16)
print(f"{len(names)} adapters, {moving:,} numbers move: {counted.percent:.2f} % of all")

# %% [markdown]
# **Check 3.** With the same weights, the same answers.

# %%
tuned = lesson.tune(base, "adapter:width=16")
with torch.no_grad():
    for name in names:
        theirs, ours = tuned.model.get_submodule(f"base_model.model.{name}"), model.get_submodule(name)
        theirs.bottleneck_up["default"].weight.normal_(std=0.05)  # as if it had been trained
        ours.down.load_state_dict(theirs.bottleneck_down["default"].state_dict())
        ours.up.load_state_dict(theirs.bottleneck_up["default"].state_dict())
    ids = torch.randint(4, base.card.vocabulary, (2, 12))
    torch.testing.assert_close(model(ids).logits, tuned.model(ids).logits, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(model(ids).logits, base.model(ids).logits, atol=1e-2)

# %% [markdown]
# **Check 4.** Switched off, the base is back, to the last bit. So one base can serve many tasks.

# %%
with torch.no_grad(), tuned.without():
    assert torch.equal(tuned.model(ids).logits, base.model(ids).logits)

# %% [markdown]
# ## The race
#
# Three widths, and the adapter of Pfeiffer et al. 2020 ([arXiv:2005.00247](https://arxiv.org/abs/2005.00247)), which
# stands behind the feed-forward network alone. Same batches for all, three seeds.

# %%
methods = ["none", "full", "adapter:width=4", "adapter:width=16", "adapter:width=64", "adapter:placement=pfeiffer"]
runs = lesson.race(budget.model, "describe", methods, seeds=budget.seeds, **budget.training)

# %%
lesson.figure("curves", runs)

# %%
lesson.table(runs)

# %%
print("my guess:", my_guess)
print(*findings(runs), sep="\n")

# %% [markdown]
# ## What to see
#
# This holds for every seed: all of them learn, and the wider the middle, the lower the loss. Whether the widest comes
# down to full tuning depends on the budget and the model, so the notebook does not insist on it.

# %%
losses = lesson.losses(runs)
for seed in range(len(budget.seeds)):
    four, sixteen, sixty_four = (losses[f"adapter:width={width}"][seed] for width in (4, 16, 64))
    assert sixty_four < sixteen < four < losses["none"][seed], seed
    assert losses["adapter:placement=pfeiffer"][seed] < losses["none"][seed], seed

# %% [markdown]
# On the pocket model (150 steps, three seeds, mean ± standard deviation, `docs/results.md`):
#
# - *Adapters come close to full tuning with 2 to 4 % of the numbers.* **In part.** With 2.4 %, `describe` ends at
#   0.912 ± 0.020 against 0.796 ± 0.006 and `instructions` at 2.528 ± 0.069 against 2.147 ± 0.025: 15 % and 18 % more
#   loss. Of the score they reach four fifths and three quarters.
# - *The width of the middle is the main knob.* **Shows.** At the laptop budget (64 held-out examples, three seeds) the
#   loss on `describe` falls from 1.104 ± 0.035 with a middle of 4 to 0.957 ± 0.010 with 16 and 0.885 ± 0.037 with 64.
#   The last comes within 4 % of full tuning's 0.851 ± 0.025, with 9 % of the numbers.
# - *Small methods forget less.* **Does not show.** On `describe` adapters forget 0.633 ± 0.095 nats and full tuning
#   0.151 ± 0.012; on `instructions` 0.226 ± 0.009 and 0.072 ± 0.005.
#
# The paper's BERT has 36 times the numbers of the pocket model and read its examples 3 to 20 times over. Here it is 150
# steps of 8 examples.
#
# ## Exercises
#
# **1.** BERT-base is 768 wide and has 12 blocks. How many numbers do Houlsby's adapters have in it, two a block, with a
# middle of 64? (The paper also trains the layer norms; leave those out.)

# %%
numbers = ...  # your answer
# BEGIN SOLUTION
numbers = 2 * 12 * (2 * 768 * 64 + 768 + 64)
# END SOLUTION

# %%
check.close("adapters.numbers", numbers)

# %% [markdown]
# **2.** LoRA of rank 8 on queries and values moves 294,912 numbers in a model 768 wide with 12 blocks, such as GPT-2.
# What is the widest middle with which two adapters a block have no more than that?

# %%
middle = ...  # your answer
# BEGIN SOLUTION
middle = (294_912 / 24 - 768) // (2 * 768 + 1)
# END SOLUTION

# %%
check.close("adapters.middle", middle)

# %% [markdown]
# **3.** LoRA can be merged into the frozen matrix, an adapter cannot. What stands in the way: "the residual", "the
# bias" or "the nonlinearity"?

# %%
obstacle = ...  # your answer
# BEGIN SOLUTION
obstacle = "the nonlinearity"
# END SOLUTION

# %%
check.choice("adapters.obstacle", obstacle)

# %% [markdown]
# **Open question.** Twenty tasks shall be served by one base model. What do you keep on disk, and what in memory, with
# full tuning, with adapters, and with LoRA? When would you still choose full tuning?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# Full tuning: twenty models. Adapters and LoRA: one base and twenty small files; several can be in memory at once, and
# each request names its own. Full tuning where quality decides, tasks are few, or the small ones fall short, as here.
# <!-- END SOLUTION -->
