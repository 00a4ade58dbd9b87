# %% [markdown]
# # 01 · Features or fine-tuning
#
# **The question.** A pretrained model turns a text into vectors. Is it enough to read these vectors with a new last
# layer, or does the network below have to move too? And how far down?

# %%
from time import perf_counter

import torch
from torch.nn.functional import cross_entropy, linear

from workbench.lessons import check, lesson
from workbench.tasks import TASKS
from workbench.tasks.encode import encode
from workbench.views.findings import findings

budget = lesson.budget()
base = lesson.load_base(budget.model)
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# *Feature extraction* freezes the pretrained network and trains a new output on what it computes. *Fine-tuning* lets
# the network move too.
#
# - Features are useful as they are, under a network of their own. Mostly they do about as well as fine-tuning, and
#   which is better depends on how alike pretraining and task are (Peters et al. 2019,
#   [arXiv:1903.05987](https://arxiv.org/abs/1903.05987)). For classifying texts, tuning the last layer alone fell well
#   behind tuning all on two of three data sets (Howard and Ruder 2018,
#   [arXiv:1801.06146](https://arxiv.org/abs/1801.06146), table 7).
# - Lower layers are general, higher ones are bound to their task. In a network for photos the first two of eight
#   layers could stay frozen at almost no cost, and the more above them, the more it cost (Yosinski et al. 2014,
#   [arXiv:1411.1792](https://arxiv.org/abs/1411.1792)).
#
# ## Predict before you run

# %%
my_guess = {
    "features go so many percent of the way from scratch to full tuning": "?",
    "one moving block ends lower than a new output on frozen features": "?",  # yes or no
    "the layer whose features are best for the task is": "?",  # lowest, middle or last
}

# %% [markdown]
# ## From scratch: features
#
# The feature of a place in a text is the model's last hidden state there, which has seen all words up to it. We want
# the places whose next token is to be learned. What `model` computes is wrapped in `no_grad`: no way leads back.


# %%
@torch.no_grad()
def features(model, examples, layer=-1):
    """The hidden states behind a layer (0: the embedding) wherever a token is to be learned, and those tokens."""
    found, tokens = [], []
    for example in examples:
        states = model(torch.tensor([example.ids]), output_hidden_states=True).hidden_states[layer]
        labels = torch.tensor(example.labels[1:])  # the place before a token predicts it
        found.append(states[0, :-1][labels != -100])  # (targets, width)
        tokens.append(labels[labels != -100])
    return torch.cat(found), torch.cat(tokens)


def read(split, count):
    """The first examples of the task as token ids and labels."""
    return [encode(r, base.tokenizer, max_length=256) for r in TASKS["describe"]().records(split, count, 0)]


# %% [markdown]
# **Check 1.** Features and head are the whole model: `logits = features @ head.T`.

# %%
examples = read("train", 8)
x, y = features(base.model, examples)
head = base.model.get_output_embeddings().weight.detach().clone()  # (vocabulary, width)
with torch.no_grad():
    logits = base.model(torch.tensor([examples[0].ids])).logits[0, :-1]
    logits = logits[torch.tensor(examples[0].labels[1:]) != -100]
torch.testing.assert_close(linear(x[: len(logits)], head), logits, rtol=1e-4, atol=1e-4)
print(f"{len(examples)} examples: {len(x)} vectors of {x.shape[1]} numbers; the head is {tuple(head.shape)}")

# %% [markdown]
# **Check 2.** The gradient of the head is the same as the package's, where the whole network runs. The network's
# weights have none.


# %%
def loss_through(model, examples):
    """Mean loss at the places to be learned, computed through the whole network."""
    total = 0
    for example in examples:
        logits, labels = model(torch.tensor([example.ids])).logits[0, :-1], torch.tensor(example.labels[1:])
        total = total + cross_entropy(logits, labels, ignore_index=-100, reduction="sum")
    return total / sum(example.targets for example in examples)


tuned = lesson.tune(base, "feature_based")
loss_through(tuned.model, examples).backward()
ours = head.clone().requires_grad_()
cross_entropy(linear(x, ours), y).backward()
[theirs] = tuned.movable.values()
torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-6)
assert all(p.grad is None for p in tuned.model.parameters() if p is not theirs)
counted = lesson.anatomy(budget.model, "feature_based")
assert ours.numel() == counted.trainable
print(f"{ours.numel():,} numbers move: {counted.percent:.1f} % of all")

# %% [markdown]
# **Check 3.** Features do not change while the head learns. So it is enough to compute them once. Ten steps on kept
# vectors give the losses of ten steps through the network, in a small part of the time.


# %%
def learn(weight, loss, steps, rate=1e-2):
    """Take steps with Adam and return the losses."""
    optimizer, losses = torch.optim.Adam([weight], lr=rate), []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        losses.append(float(value.detach()))
    return losses


began = perf_counter()
through = learn(theirs, lambda: loss_through(tuned.model, examples), steps=10)
middle = perf_counter()
kept = learn(ours, lambda: cross_entropy(linear(x, ours), y), steps=10)
torch.testing.assert_close(torch.tensor(kept), torch.tensor(through), rtol=1e-3, atol=1e-3)
assert torch.equal(features(base.model, examples)[0], x)
print(f"through the network {middle - began:.2f} s, on kept features {perf_counter() - middle:.2f} s")

# %% [markdown]
# ## Which layer's features?
#
# Behind each of four layers, a new head learns for 30 steps on the same 32 examples. Every head starts at random, so
# that none has an advantage, and every layer's vectors are made equally long on average.

# %%
learned, held_out = read("train", 32), read("evaluation", 16)
layers = sorted({round(base.card.depth * part / 3) for part in range(4)})  # 0 is the embedding


def probe(layer, seed):
    """The held-out loss of a head that has learned on the vectors behind a layer."""
    (x, y), (x_new, y_new) = (features(base.model, part, layer) for part in (learned, held_out))
    length = x.pow(2).mean().sqrt()
    random = torch.randn(head.shape, generator=torch.Generator().manual_seed(seed))
    weight = (0.02 * random).requires_grad_()
    learn(weight, lambda: cross_entropy(linear(x / length, weight), y), steps=30)
    return float(cross_entropy(linear(x_new / length, weight), y_new).detach())


by_layer = {layer: [probe(layer, seed) for seed in budget.seeds] for layer in layers}
for layer, found in by_layer.items():
    print(f"behind layer {layer}:", "  ".join(f"{loss:.3f}" for loss in found), "nats per token")

# %% [markdown]
# ## The race
#
# From nothing pretrained (`scratch`), over frozen features and one or two moving blocks, to everything. Same batches
# for all, three seeds.

# %%
methods = ["none", "scratch", "feature_based", "last_layers:blocks=1", "last_layers:blocks=2", "full"]
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
# This holds for every seed: features are worth more than nothing pretrained, and what moves below them is worth more
# still. And features of the layers above the embedding are better than the embedding itself.

# %%
losses = lesson.losses(runs)
for place, seed in enumerate(budget.seeds):
    of = {method: losses[method][place] for method in methods}
    assert of["feature_based"] < of["scratch"] < of["none"], seed
    assert of["last_layers:blocks=2"] < of["last_layers:blocks=1"] < of["feature_based"], seed
    assert of["full"] < of["feature_based"], seed
    assert by_layer[base.card.depth][place] < by_layer[0][place], seed

# %% [markdown]
# On the pocket model (150 steps, three seeds, 64 held-out examples, mean ± standard deviation):
#
# | method | loss | score | forgetting |
# |---|---|---|---|
# | scratch | 1.391 ± 0.042 | 0.033 ± 0.023 | 7.744 ± 0.473 |
# | feature_based | 1.233 ± 0.010 | 0.038 ± 0.005 | 0.202 ± 0.011 |
# | last_layers:blocks=1 | 1.015 ± 0.004 | 0.050 ± 0.012 | 0.297 ± 0.005 |
# | last_layers:blocks=2 | 0.977 ± 0.022 | 0.041 ± 0.026 | 0.486 ± 0.044 |
# | full | 0.851 ± 0.025 | 0.208 ± 0.036 | 0.156 ± 0.012 |
#
# - *Features are useful as they are.* **In part.** They end 0.16 nats below the same network from scratch, less than a
#   third of what full tuning gains over it. And a new output gets no more facts right than scratch does. In the
#   paper features feed a network of their own, here one matrix.
# - *Fine-tuning is better.* **Shows.** 0.38 nats lower, with five times the score. Peters et al. would not lead
#   one to expect it: with them fine-tuning did well where task and pretraining were alike, and poorly where they were
#   far apart. Here the model has read stories, and never a list of facts.
# - *Lower layers are general, so they can stay frozen.* **In part.** With four of six blocks frozen the loss is 15 %
#   higher than full tuning's, with five 19 %. But the score falls to a fifth of full tuning's, or a quarter: how a name
#   is carried from the list into the sentence seems to be decided further down.
# - *Higher layers are bound to their old task.* **This notebook cannot tell.** A new head on the last layer's vectors
#   ends at 2.963 ± 0.015, on those of the embedding and of blocks 2 and 4 at 3.33 to 3.35. In `pocket-gpt-nano` block
#   2 of 3 is best (2.450 ± 0.008; the last 2.626 ± 0.002). And such a head sees one place only: what stands elsewhere
#   in the text has to be in the vector already.
# - *A frozen body keeps what the model knew.* **In part.** Features forget little, 0.20 nats, though the output is new.
#   But the more blocks move, the more is forgotten, and full tuning forgets least of all, at a tenth of the rate.
#
# ## Exercises
#
# **1.** GPT-2 is 768 wide. You keep its features in float32, of 10,000 texts with 64 places each. How many MiB
# (2^20 bytes) do they take?

# %%
mebibytes = ...  # your answer
# BEGIN SOLUTION
mebibytes = 10_000 * 64 * 768 * 4 / 2**20
# END SOLUTION

# %%
check.close("features.mebibytes", mebibytes)

# %% [markdown]
# **2.** From `scratch` to `full` it is a certain way, in loss. Which fraction of it do frozen features go? Take the
# means over the seeds from `losses`.

# %%
fraction = ...  # your answer
# BEGIN SOLUTION
mean = {method: sum(losses[method]) / len(losses[method]) for method in methods}
fraction = (mean["scratch"] - mean["feature_based"]) / (mean["scratch"] - mean["full"])
# END SOLUTION

# %%
check.close("features.fraction", fraction, runs)

# %% [markdown]
# **3.** With `last_layers:blocks=2` the lower blocks are frozen. Their outputs could be computed once and kept, as in
# check 3. With which of these could one keep nothing at all: "feature_based", "last_layers" or "full"?

# %%
nothing_kept = ...  # your answer
# BEGIN SOLUTION
nothing_kept = "full"
# END SOLUTION

# %%
check.choice("features.nothing_kept", nothing_kept)

# %% [markdown]
# **Open question.** "Lower layers are general, so freeze them." Think of an experiment that could show this to be
# *wrong* for a task. What would you let move, what would you freeze, and on which kind of task would you expect it?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# Let one block alone move, each in its turn, with the same steps and each at its own best rate. If a low block ends
# lower than the top one, its features were not general enough. Expect that where the input is new (another language,
# another spelling) and the answer is not: for photos, Lee et al. 2022 (arXiv:2210.11466) find just this.
# <!-- END SOLUTION -->
