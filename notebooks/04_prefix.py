# %% [markdown]
# # 04 · Prefix tuning
#
# **The question.** Every layer of a transformer looks back at what stood before. What if we leave the model as it is
# and let every layer find some *learned memories* before the text?

# %%

import torch
from transformers import DynamicCache

from workbench.lessons import check, lesson
from workbench.views.findings import findings

budget = lesson.budget()
base = lesson.load_base(budget.model)
card = base.card
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# Prefix tuning puts learned keys and values before those of the text, in every layer: attention over `[P_k; K]` and
# `[P_v; V]`. Only the P move. On GPT-2 and BART (Li and Liang 2021,
# [arXiv:2101.00190](https://arxiv.org/abs/2101.00190)):
#
# - with a prefix of 0.1 % as many numbers it describes tables as well as full tuning, summarises somewhat worse, and is
#   better where data is little;
# - P should not learn directly, which is unstable: an MLP makes it in training, and is dropped afterwards;
# - a longer prefix is better up to a point.
#
# And a claim about its limits: a prefix cannot change how the words of the text weigh against each other in a layer,
# only add something to what the layer says (Petrov et al. 2023,
# [arXiv:2310.19698](https://arxiv.org/abs/2310.19698)).
#
# ## Predict before you run

# %%
my_guess = {
    "a prefix of 10 comes within so many percent of full tuning's loss": "?",
    "with 50 examples the prefix ends lower than full tuning": "?",  # yes or no
    "the prefix that learns directly ends lower than the one made by an MLP": "?",  # yes or no
}

# %% [markdown]
# ## From scratch: one head
#
# Attention mixes values, by how well the query fits each key. A prefix only makes the list longer.


# %%
def attend(q, k, v):
    """One head's answer to one query, and the weights: softmax(q k / sqrt(width)) v."""
    weights = (k @ q / len(q) ** 0.5).softmax(dim=0)  # (time,)
    return weights @ v, weights


torch.manual_seed(0)
q, k, v = torch.randn(16), torch.randn(6, 16), torch.randn(6, 16)  # a text of 6 tokens
P_k, P_v = torch.randn(3, 16), torch.randn(3, 16)  # a prefix of 3
without, before = attend(q, k, v)
with_prefix, after = attend(q, torch.cat([P_k, k]), torch.cat([P_v, v]))

# %% [markdown]
# **Check 1.** What the head says is a mixture: some of what it would say without the prefix, and some of what it says
# to the prefix alone. The words of the text keep their weights relative to each other, whatever the prefix is.

# %%
share = after[:3].sum()  # of the attention, that goes to the prefix
prefix_alone, _ = attend(q, P_k, P_v)
torch.testing.assert_close(with_prefix, (1 - share) * without + share * prefix_alone)
torch.testing.assert_close(after[3:] / after[3:].sum(), before)
print(f"{share:.0%} of the attention goes to the prefix; the rest is divided as before")

# %% [markdown]
# ## From scratch: the whole model
#
# Library models take keys and values of earlier tokens as `past_key_values`, so that they need not compute them again.
# We hand them a past that never was.


# %%
class ScratchPrefix(torch.nn.Module):
    """A frozen model before whose text stand learned keys and values, in every layer."""

    def __init__(self, model, tokens):
        super().__init__()
        self.model = model
        shape = (card.depth, 2, card.key_value_heads, tokens, card.head_width)  # 2: a key and a value
        self.P = torch.nn.Parameter(torch.randn(shape))

    def forward(self, ids):
        past = DynamicCache()
        for layer, (keys, values) in enumerate(self.P):  # each (heads, tokens, head width)
            past.update(keys.expand(len(ids), -1, -1, -1), values.expand(len(ids), -1, -1, -1), layer)
        return self.model(ids, past_key_values=past).logits


# %% [markdown]
# **Check 2.** It has as many numbers as the package's, and only P gets a gradient.

# %%
ids = torch.randint(4, card.vocabulary, (2, 12))
ours = ScratchPrefix(base.model, tokens=10)
ours(ids).logsumexp(-1).sum().backward()
assert ours.P.grad.abs().sum() > 0 and all(p.grad is None for p in base.model.parameters())
direct = lesson.anatomy(budget.model, "prefix:reparameterize=false")
assert ours.P.numel() == direct.trainable == 10 * 2 * card.depth * card.key_value_width
print(f"{direct.trainable:,} numbers move: {direct.percent:.2f} % of all")

# %% [markdown]
# **Check 3.** With the same numbers, the same answers as the PEFT library, which the package uses. It keeps them in a
# table: a row for each virtual token, in it a key and a value for each layer.

# %%
tuned = lesson.tune(base, "prefix:reparameterize=false")
[rows] = tuned.movable.values()
with torch.no_grad():
    table = rows.view(10, card.depth, 2, card.key_value_heads, card.head_width)
    ours.P.copy_(table.permute(1, 2, 3, 0, 4))
    torch.testing.assert_close(ours(ids), tuned.model(ids).logits, rtol=1e-4, atol=1e-4)
    changed = (ours(ids) - base.model(ids).logits).abs().max()
print(f"same answers as the package's; up to {changed:.1f} away from the base's")

# %% [markdown]
# **Check 4.** The MLP. It is larger than what it makes, and only what it makes is kept.

# %%
tuned = lesson.tune(base, "prefix")
theirs = {name.removeprefix("prompt_encoder.default."): p for name, p in tuned.movable.items()}
with torch.no_grad():
    hidden = torch.tanh(theirs["embedding.weight"] @ theirs["transform.0.weight"].T + theirs["transform.0.bias"])
    made = hidden @ theirs["transform.2.weight"].T + theirs["transform.2.bias"]  # (virtual tokens, 2 * layers * width)
    ours.P.copy_(made.view(table.shape).permute(1, 2, 3, 0, 4))
    torch.testing.assert_close(ours(ids), tuned.model(ids).logits, rtol=1e-4, atol=1e-4)
counted = lesson.anatomy(budget.model, "prefix")
assert sum(p.numel() for p in theirs.values()) == counted.trainable
assert made.numel() == counted.kept == direct.trainable
print(f"{counted.trainable:,} numbers move in training, {counted.kept:,} are kept")

# %% [markdown]
# What is kept is little in the paper's models. The smaller the model, the larger is the part:

# %%
for model in ("gpt2-large", "gpt2-medium", "gpt2", "pocket-gpt"):
    print(f"{model:12} {lesson.anatomy(model, 'prefix:reparameterize=false').percent:.2f} %")

# %% [markdown]
# ## The race
#
# A prefix of one, of ten, and of ten that learns directly, between full tuning and the same network from scratch. Same
# batches for all, three seeds. A direct prefix has a rate of 0.1, a hundred times that of the MLP; each is the best
# that a sweep found.

# %%
direct_prefix = "prefix:reparameterize=false"
methods = ["none", "scratch", "full", "prefix:virtual_tokens=1", "prefix", direct_prefix]
runs = lesson.race(budget.model, "describe", methods, seeds=budget.seeds, **budget.training)

# %% [markdown]
# And with little data, 50 examples that are read again and again:

# %%
little = budget.training | {"examples": 50, "metric_examples": 0}
few_runs = lesson.race(budget.model, "describe", ["full", "prefix"], seeds=budget.seeds, **little)

# %%
lesson.figure("curves", runs)

# %%
lesson.table(runs)

# %%
lesson.table(few_runs)

# %%
print("my guess:", my_guess)
print(*findings(runs), sep="\n")

# %% [markdown]
# ## What to see
#
# This holds for every seed: a prefix learns, ten are better than one, and full tuning ends lower, with much data and
# with little.

# %%
losses, few_losses = lesson.losses(runs), lesson.losses(few_runs)
for place, seed in enumerate(budget.seeds):
    of = {method: losses[method][place] for method in methods}
    assert of["full"] < of["prefix"] < of["prefix:virtual_tokens=1"] < of["none"], seed
    assert of["full"] < of[direct_prefix] < of["none"], seed
    assert few_losses["full"][place] < few_losses["prefix"][place], seed

# %% [markdown]
# On the pocket model (150 steps, three seeds, 64 held-out examples, mean ± standard deviation):
#
# | method | moves | loss | score | forgetting |
# |---|---|---|---|---|
# | full | 100 % | 0.851 ± 0.025 | 0.208 ± 0.036 | 0.156 ± 0.012 |
# | scratch | 100 % | 1.391 ± 0.042 | 0.033 ± 0.023 | 7.744 ± 0.473 |
# | prefix that learns directly | 0.75 % | 1.421 ± 0.042 | 0.072 ± 0.038 | 2.640 ± 0.312 |
# | prefix | 13.7 % | 1.518 ± 0.082 | 0.037 ± 0.021 | 2.710 ± 0.401 |
# | prefix of one | 13.6 % | 1.681 ± 0.076 | 0.018 ± 0.007 | 3.400 ± 0.785 |
# | full, 50 examples | 100 % | 1.280 ± 0.002 | | 0.088 ± 0.004 |
# | prefix, 50 examples | 13.7 % | 1.659 ± 0.068 | | 2.541 ± 0.604 |
#
# - *As good as full tuning with 0.1 % of the numbers.* **Does not show.** 78 % more loss, and 67 % when it learns
#   directly. It does not even come below the same network from scratch. On `instructions` it is no better: 4.023 ±
#   0.053 against 2.147 ± 0.025 (`docs/results.md`).
# - *Better where data is little.* **Does not show.** With 50 examples full tuning stays ahead. But little data costs it
#   0.43 nats, and the prefix only 0.14, so the gap shrinks from 0.67 to 0.38.
# - *The MLP steadies the learning.* **Does not show.** Each at its own rate, the direct prefix ends no higher, with
#   half the spread. The two want rates that lie a hundredfold apart: at 0.001, the MLP's, a direct prefix of the sweep
#   hardly learns (5.14, one seed).
# - *Longer is better, up to a point.* **In part.** Ten end 0.16 nats below one; where it stops was not raced.
# - *A prefix cannot move attention between the words of the text.* **Shows** for one layer: check 1, an identity.
#
# The last may be why. `describe` wants facts carried from a list into sentences; a model that has read only stories has
# to look at a text in a new way for that, and a prefix cannot teach it to. And its random start does harm: at first the
# memories mean nothing, and every head listens to them. The paper has larger models, and starts with little data from
# the memories of real words.
#
# ## Exercises
#
# **1.** Llama-7B has 32 blocks, 32 heads of 128, and each head has keys of its own. How many numbers does a prefix of
# 20 virtual tokens keep?

# %%
kept = ...  # your answer
# BEGIN SOLUTION
kept = 20 * 2 * 32 * 32 * 128
# END SOLUTION

# %%
check.close("prefix.kept", kept)

# %% [markdown]
# **2.** A query fits all keys equally well: those of a text of 40 tokens, and those of a prefix of 10. Which fraction
# of the attention goes to the prefix?

# %%
fraction = ...  # your answer
# BEGIN SOLUTION
fraction = 10 / (10 + 40)
# END SOLUTION

# %%
check.close("prefix.fraction", fraction)

# %% [markdown]
# **3.** Two words of a text get 20 % and 10 % of a head's attention. Now this layer alone is given a prefix. Which of
# these can happen: "8 % and 4 %", "20 % and 20 %" or "5 % and 10 %"? Try it with `attend` and prefixes of your own.

# %%
can_happen = ...  # your answer
# BEGIN SOLUTION
can_happen = "8 % and 4 %"
# END SOLUTION

# %%
check.choice("prefix.can_happen", can_happen)

# %% [markdown]
# **Open question.** Within one layer a prefix cannot move attention from one word of the text to another. Can a prefix
# in *all* layers do so in the second? And why might a large model suffer less from this limit than a small one?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# In part: what the first layer's prefix adds changes the second layer's queries and keys, and so its attention; but
# only through directions that the frozen matrices read. A large model has already learned many ways to attend, and the
# prefix chooses among them. A small one has few, and a new task may need one that is not there.
# <!-- END SOLUTION -->
