# %% [markdown]
# # 07 · Counting numbers and bytes
#
# **The question.** How many numbers does each way of tuning move, and what memory does that take? One can know both
# before anything is trained, with a pencil.

# %%
import torch
from transformers import AutoModelForCausalLM, GPT2Config

from workbench.lessons import check, lesson
from workbench.memory import estimate
from workbench.models.catalog import find_card

budget = lesson.budget()
print(f"budget {budget.name}: {budget.model}, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# LoRA on GPT-3 with 175 billion parameters: 37.7 million move at rank 8; at rank 4 a checkpoint shrinks from 350 GB to
# 35 MB; the memory of training falls to about a third (Hu et al. 2021,
# [arXiv:2106.09685](https://arxiv.org/abs/2106.09685), section 4.2 and table 4).
#
# ## Predict before you run

# %%
my_guess = {
    "full tuning of GPT-2 (124 million numbers) keeps so many bytes for each number": "?",
    "LoRA moves 5 % of the pocket model; its training takes so many % of full tuning's memory": "?",
}

# %% [markdown]
# ## From scratch: a whole model
#
# GPT-2 of width `d`: a vector for each token and each position; in each block an attention of `4 d²` and a feed-forward
# network of `8 d²` weights, 9d + 4d biases and norms; a last norm of 2d. The head is the embedding again, and free.


# %%
def gpt2_numbers(width, blocks, vocabulary=50257, positions=1024):
    """All numbers of a GPT-2 (Radford et al. 2019)."""
    block = 12 * width**2 + 13 * width
    return (vocabulary + positions) * width + blocks * block + 2 * width


# %% [markdown]
# Three counts must agree: the formula, the package's card (made from the config file), and the real class of
# `transformers`, built on the *meta* device, where tensors have a shape and no memory.

# %%
for name, width, blocks in (("gpt2", 768, 12), ("gpt2-medium", 1024, 24), ("gpt2-large", 1280, 36)):
    config = GPT2Config(n_embd=width, n_layer=blocks, n_head=width // 64)
    with torch.device("meta"):
        built = AutoModelForCausalLM.from_config(config)
    real = sum(parameter.numel() for parameter in built.parameters())
    assert gpt2_numbers(width, blocks) == find_card(name).parameters == real
    print(f"{name:12} {real:>13,}")

# %% [markdown]
# ## From scratch: ways of tuning
#
# Each is one line. `width` is that of the model.


# %%
def lora(width, matrices, rank):
    return matrices * rank * (width + width)  # A and B beside each square matrix


def adapter(width, modules, middle):
    return modules * (2 * width * middle + middle + width)  # down, up, and their biases


def prompt(width, tokens):
    return tokens * width  # a vector for each virtual token


def prefix(width, blocks, tokens):
    return tokens * 2 * blocks * width  # a key and a value in each block


# %% [markdown]
# The same through the package, which reads what a method makes of the model's every parameter:

# %%
pairs = [
    (lora(12288, matrices=2 * 96, rank=8), "gpt3-175b", "lora:rank=8:targets=query+value"),
    (lora(768, matrices=2 * 12, rank=8), "roberta-base", "lora:rank=8:targets=query+value"),
    (adapter(768, modules=2 * 12, middle=64), "bert-base", "adapter:width=64"),
    (prompt(4096, tokens=100), "t5-v1.1-xxl", "prompt:virtual_tokens=100"),
    (prefix(1024, blocks=24, tokens=5), "gpt2-medium", "prefix:virtual_tokens=5:reparameterize=false"),
]
for by_hand, model, choice in pairs:
    assert by_hand == lesson.anatomy(model, choice).trainable, choice
    print(f"{by_hand:>12,}  {choice} on {model}")

# %% [markdown]
# ## The published tables, reproduced
#
# As printed in Hu et al. 2021 for GPT-2, RoBERTa and GPT-3. GPT-2's adapters have layer norms that are trained too.

# %%
PUBLISHED = [
    ("gpt2-medium", "last_layers:blocks=2", "25.19M"),
    ("gpt2-medium", "adapter:placement=pfeiffer:width=6:layer_norm=true", "0.37M"),
    ("gpt2-medium", "adapter:placement=pfeiffer:width=224:layer_norm=true", "11.09M"),
    ("gpt2-large", "adapter:placement=pfeiffer:width=8:layer_norm=true", "0.88M"),
    ("gpt2-large", "adapter:placement=pfeiffer:width=248:layer_norm=true", "23.00M"),
    ("roberta-base", "lora:rank=8:targets=query+value", "0.3M"),
    ("roberta-large", "lora:rank=8:targets=query+value", "0.8M"),
    ("gpt3-175b", "prompt:virtual_tokens=264", "3.2M"),
    ("gpt3-175b", "adapter:width=1", "7.1M"),
    ("gpt3-175b", "adapter:width=8", "40.1M"),
    ("gpt3-175b", "lora:rank=1:targets=query+value", "4.7M"),
    ("gpt3-175b", "lora:rank=8:targets=query+value", "37.7M"),
]


# %%
def printed(count, published):
    """The count in millions, with as many decimals as the paper prints."""
    decimals = len(published.removesuffix("M").partition(".")[2])
    return f"{count / 1e6:.{decimals}f}M"


counts = [lesson.anatomy(model, choice).trainable for model, choice, _ in PUBLISHED]
for count, (_, choice, published) in zip(counts, PUBLISHED, strict=True):
    assert printed(count, published) == published, choice

# %%
rows = [(*row, f"{count:,}") for row, count in zip(PUBLISHED, counts, strict=True)]
lesson.Grid(("model", "method", "paper", "counted"), tuple(rows))

# %% [markdown]
# All twelve agree. Not every row of that paper does: exercise 1 finds one that is misprinted.
#
# ## Bytes
#
# Training in float32 with Adam keeps: every weight (4 bytes), and for each number *that moves* a gradient (4) and two
# running means (8). And it keeps *activations*: signals inside the model that the way back needs. Those depend on the
# batch and on the length of the texts, and hardly on how many numbers move.

# %%
card = find_card("gpt2")
for choice in ("full", "last_layers", "adapter", "lora", "prompt"):
    anatomy = lesson.anatomy("gpt2", choice)
    cost = estimate(card, anatomy, batch_size=8, tokens=64)
    kept = 4 * anatomy.total + 12 * anatomy.trainable
    assert cost.weights + cost.gradients + cost.optimizer == kept
    signals = cost.activations + cost.logits
    print(f"{choice:12} {anatomy.trainable:>12,} move: {kept / 2**20:6,.0f} MiB, signals {signals / 2**20:6,.0f} MiB")

# %% [markdown]
# ## The race
#
# An estimate is a claim too. So we train a few steps and measure: weights, gradients, means, and every byte that the
# forward pass really kept. Memory needs few steps.

# %%
methods = ["none", "full", "last_layers", "adapter", "lora", "prompt"]
short = budget.training | {"steps": min(budget.steps, 15), "metric_examples": 0, "precision": "float32"}
runs = lesson.race(budget.model, "describe", methods, seeds=budget.seeds, **short)

# %%
lesson.figure("memory", [run for run in runs if run.seed == budget.seeds[0]])

# %%
memory = {run.label: run.history.peak_memory_bytes for run in runs}
print("my guess:", my_guess)
for seed in budget.seeds:
    full = memory[f"full, seed {seed}"]
    print(f"seed {seed}:", {method: f"{100 * memory[f'{method}, seed {seed}'] / full:.0f} %" for method in methods})

# %% [markdown]
# ## What to see
#
# This holds for every seed: to move nothing takes least, to move everything takes most, and `last_layers` takes less
# than `lora`.

# %%
for seed in budget.seeds:
    of = {method: memory[f"{method}, seed {seed}"] for method in methods}
    assert of["none"] < min(of[method] for method in methods[1:])
    assert of["full"] == max(of.values())
    assert of["last_layers"] < of["lora"]

# %% [markdown]
# - *The counts of Hu et al. 2021.* **Show**: twelve rows, to the last printed digit. No weights are needed for that.
# - *A checkpoint of 350 GB.* **Shows**: 175 billion numbers of two bytes each.
# - *The memory of training falls to a third.* **Not testable here.** It depends on GPT-3's number formats and machines,
#   which the paper does not print. In the pocket model the estimate is 67 MiB for LoRA against 97 MiB for full tuning
#   (8 examples of 64 tokens): where a model is small, activations weigh more.
# - *Fewer moving numbers take less memory.* **Only in part.** `last_layers` moves more numbers than `lora` and needs
#   less memory, since no signal has to be kept below the lowest block that moves.
#
# ## Exercises
#
# **1.** In the table of Hu et al. 2021, LoRA of rank 4 on the queries and values of GPT-2 medium (24 blocks, 1024 wide)
# stands with 0.35M. How many numbers really move?

# %%
misprint = ...  # your answer
# BEGIN SOLUTION
misprint = lora(1024, matrices=2 * 24, rank=4)
# END SOLUTION

# %%
check.close("counting.misprint", misprint)

# %% [markdown]
# **2.** GPT-3 has 96 blocks and is 12,288 wide. How many bytes has a checkpoint of LoRA with rank 4 on queries and
# values, at two bytes a number? The paper says 35 MB.

# %%
checkpoint_bytes = ...  # your answer
# BEGIN SOLUTION
checkpoint_bytes = 2 * lora(12288, matrices=2 * 96, rank=4)
# END SOLUTION

# %%
check.close("counting.checkpoint", checkpoint_bytes)

# %% [markdown]
# **3.** LoRA moves a twentieth of the pocket model, but training it takes far more than a twentieth of the memory.
# Which part does LoRA save least of, beside the weights themselves: "gradients", "optimizer" or "activations"?

# %%
least_saved = ...  # your answer
# BEGIN SOLUTION
least_saved = "activations"
# END SOLUTION

# %%
check.choice("counting.least_saved", least_saved)

# %% [markdown]
# **Open question.** You have a card with 16 GiB and want to tune a model with 7 billion parameters. Which terms of
# the sum would you attack first, and with what?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# In float32 the weights alone take 26 GiB: keep the frozen ones in two bytes or fewer (QLoRA, arXiv:2305.14314). LoRA
# removes nearly all gradients and means. Then activations: smaller batches with accumulation, shorter texts, and
# checkpointing, which computes a block again instead of keeping it.
# <!-- END SOLUTION -->
