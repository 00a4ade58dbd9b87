# %% [markdown]
# # 11 · Scale
#
# **The question.** A soft prompt falls far behind full tuning in a small model. Does it catch up as the model grows?

# %%
import math
from dataclasses import replace
from statistics import fmean, stdev

import plotly.graph_objects as go
import torch

from workbench.lessons import check, lesson
from workbench.models.catalog import find_card

budget = lesson.budget()
sizes = ("pocket-gpt-nano", "pocket-gpt-micro", "pocket-gpt")
if budget.name == "gpu":
    sizes = ("pythia-14m", "pythia-70m", "pythia-410m")
training = budget.training | {"sample_every": budget.steps}
if budget.name == "test":
    training |= {"steps": 12, "batch_size": 4, "evaluate_every": 12, "evaluation_examples": 16, "metric_examples": 0}
numbers = {size: find_card(size).parameters for size in sizes}
print(f"budget {budget.name}: {training['steps']} steps, seeds {budget.seeds}, sizes {numbers}")

# %% [markdown]
# ## The claim
#
# - *Prompt tuning becomes competitive with scale.* In T5 the gap to full tuning narrows as the model grows and
#   closes beyond billions of parameters (Lester et al. 2021, [arXiv:2104.08691](https://arxiv.org/abs/2104.08691)).
# - *Larger models need fewer numbers to learn a task.* Their intrinsic dimension is lower: 200 numbers, projected at
#   random into all of RoBERTa, reach 90 % of full tuning's performance on MRPC (Aghajanyan et al. 2020,
#   [arXiv:2012.13255](https://arxiv.org/abs/2012.13255)).
#
# ## Predict before you run

# %%
my_guess = {
    "from the smallest to the largest, the prompt's share of all numbers changes by a factor of": "?",
    "the gap of prompt tuning to full tuning shrinks with size": "?",  # yes or no
    "the gap of LoRA to full tuning shrinks with size": "?",  # yes or no
}

# %% [markdown]
# ## From scratch: what a prompt is to a model
#
# A prompt of n vectors has `n * width` numbers. A Transformer has about `12 * blocks * width²` and its embeddings. So
# the prompt's share falls about as one over `blocks * width`.


# %%
def prompt_share(size, vectors):
    """The percentage of all numbers, the prompt included, that a soft prompt is."""
    card = find_card(size)
    prompt = vectors * (card.embedding_width or card.width)
    return 100 * prompt / (card.parameters + prompt)


# %% [markdown]
# **Check 1.** The package counts the same, for our three sizes (20 vectors) and for the paper's five (100 vectors).

# %%
t5 = ("t5-v1.1-small", "t5-v1.1-base", "t5-v1.1-large", "t5-v1.1-xl", "t5-v1.1-xxl")
rows = []
for size, vectors in [(size, 20) for size in sizes] + [(size, 100) for size in t5]:
    counted = lesson.anatomy(size, f"prompt:virtual_tokens={vectors}")
    assert math.isclose(prompt_share(size, vectors), counted.percent)
    rows.append((size, f"{find_card(size).parameters:,}", str(vectors), f"{counted.percent:.4f} %"))
lesson.Grid(("model", "numbers", "vectors", "prompt's share"), tuple(rows))

# %% [markdown]
# ## From scratch: a line through the gaps
#
# A power law `gap = c * N^b` is a straight line between the logarithms: `log gap = log c + b log N`. Least squares
# gives its slope in one line: how the two vary together, divided by how much `log N` varies.


# %%
def power_law(models, gaps):
    """The exponent b and the factor c of gap = c * N^b, by least squares between the logarithms."""
    x, y = [math.log(n) for n in models], [math.log(gap) for gap in gaps]
    mean_x, mean_y = fmean(x), fmean(y)
    together = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    slope = together / sum((a - mean_x) ** 2 for a in x)
    return slope, math.exp(mean_y - slope * mean_x)


# %% [markdown]
# **Check 2.** It finds the law that made the points, and what torch's least squares find in points that follow none.

# %%
slope, factor = power_law(numbers.values(), [7 * n**-0.3 for n in numbers.values()])
assert math.isclose(slope, -0.3) and math.isclose(factor, 7)
noisy = [0.9, 0.5, 0.6]
slope, factor = power_law(numbers.values(), noisy)
left = torch.tensor([[math.log(n), 1.0] for n in numbers.values()], dtype=torch.float64)
right = torch.tensor(noisy, dtype=torch.float64).log()[:, None]
torch.testing.assert_close(torch.linalg.lstsq(left, right).solution[0, 0].item(), slope)

# %% [markdown]
# ## The race
#
# The same race in each of the three: same task, same batches, three seeds.


# %%
def raced(size):
    """Runs of one size, which say in their name which one that is."""
    found = lesson.race(size, "describe", ["none", "prompt", "lora", "full"], seeds=budget.seeds, tell=None, **training)
    return [replace(run, label=f"{run.label}, {size}", group=f"{run.group}, {size}") for run in found]


runs = [run for size in sizes for run in raced(size)]

# %%
lesson.table(runs)

# %% [markdown]
# The untuned models differ too. So we look at two gaps: in nats, and as the part of the way from no tuning to full
# tuning that is missing.

# %%
losses = lesson.losses(runs)


def gaps(method, size):
    """The gap to full tuning for every seed, in nats per token."""
    return [a - b for a, b in zip(losses[f"{method}, {size}"], losses[f"full, {size}"], strict=True)]


def missing(method, size):
    """The same as a fraction of what full tuning gained over no tuning."""
    won = [a - b for a, b in zip(losses[f"none, {size}"], losses[f"full, {size}"], strict=True)]
    return [gap / way for gap, way in zip(gaps(method, size), won, strict=True)]


# %%
picture = go.Figure()
for method in ("prompt", "lora"):
    found = [gaps(method, size) for size in sizes]
    spread = {"type": "data", "array": [stdev(seeds) for seeds in found]}
    picture.add_scatter(x=list(numbers.values()), y=[fmean(seeds) for seeds in found], error_y=spread, name=method)
picture.update_xaxes(type="log", title="numbers in the model")
picture.update_yaxes(title="gap to full tuning, nats per token", rangemode="tozero")

# %%
print("my guess:", my_guess)
for method in ("prompt", "lora"):
    for size in sizes:
        gap, part = gaps(method, size), missing(method, size)
        missed = f"{100 * fmean(part):.1f} ± {100 * stdev(part):.1f} % of the way missing"
        print(f"{method:7} {size:17} gap {fmean(gap):.3f} ± {stdev(gap):.3f} nats, {missed}")
lines = [
    power_law(numbers.values(), [gaps("prompt", size)[seed] for size in sizes]) for seed in range(len(budget.seeds))
]
slopes = [slope for slope, factor in lines]
print(f"prompt: the gap goes as N to the power of {fmean(slopes):.2f} ± {stdev(slopes):.2f}")

# %% [markdown]
# ## What to see
#
# This holds for every seed and size: a soft prompt ends above full tuning, LoRA ends below the soft prompt. And the
# prompt's share of the numbers shrinks from size to size. That the gap shrinks too the notebook does not insist on.

# %%
shares = [prompt_share(size, 20) for size in sizes]
assert shares == sorted(shares, reverse=True)
for size in sizes:
    for seed in range(len(budget.seeds)):
        assert gaps("prompt", size)[seed] > max(gaps("lora", size)[seed], 0)

# %% [markdown]
# On the three pocket models (150 steps, three seeds, 64 held-out examples, mean ± standard deviation):
#
# | model | none | full | LoRA | prompt | gap of the prompt | of the way missing |
# |---|---|---|---|---|---|---|
# | nano | 5.834 | 0.990 ± 0.034 | 0.816 ± 0.012 | 1.899 ± 0.008 | 0.908 ± 0.026 | 18.8 ± 0.4 % |
# | micro | 4.509 | 1.004 ± 0.007 | 0.867 ± 0.103 | 1.308 ± 0.095 | 0.304 ± 0.093 | 8.7 ± 2.6 % |
# | pocket-gpt | 5.271 | 0.851 ± 0.025 | 0.825 ± 0.011 | 1.866 ± 0.039 | 1.015 ± 0.054 | 23.0 ± 1.1 % |
#
# - *Prompt tuning becomes competitive with scale.* **Does not show.** From nano to micro the gap falls in every seed,
#   on average to a third. From micro to pocket-gpt it rises in every seed, on average to more than three times that.
#   Nano and micro have three blocks each, and micro is twice as wide. Pocket-gpt is wider again, but it has six blocks
#   and has read 2.3 times the tokens. Which of these does it, this race cannot tell.
# - *A power law.* **Does not show.** The fitted exponent is 0.05 ± 0.01. The spread is small, because all three seeds
#   go down and up alike. It says that the seeds agree. It does not say that there is a line: draw it into the picture.
# - *A prompt's share shrinks with size.* **Shows**, by counting: 0.45 %, 0.28 % and 0.13 %, and 0.004 % in T5 XXL.
# - *Larger models need fewer numbers.* **Not testable here.** That takes random projections of many sizes. LoRA is on
#   par with full tuning or lower at all three sizes, with 9.5, 6.4 and 5.4 % of the numbers.
#
# Three more reasons for care. The sizes span a factor of 11, and the largest is a 25th of the paper's smallest. The
# rates were chosen on pocket-gpt: that LoRA ends below full tuning in the small ones says that 0.001 is low for those.
# And 150 steps are short for a prompt (lesson 05).
#
# ## Exercises
#
# **1.** GPT-2 has 124,439,808 numbers and is 768 wide. GPT-3 has 175 billion and is 12,288 wide. Both get a prompt of
# 20 vectors. How many times smaller is the prompt's share in GPT-3? `prompt_share` knows both, as `gpt2` and
# `gpt3-175b`.

# %%
times = ...  # your answer
# BEGIN SOLUTION
times = prompt_share("gpt2", 20) / prompt_share("gpt3-175b", 20)
# END SOLUTION

# %%
check.close("scale.times", times)

# %% [markdown]
# **2.** Suppose that a gap goes as `N^-0.1`. By which factor must the model grow for the gap to halve?

# %%
growth = ...  # your answer
# BEGIN SOLUTION
growth = 2 ** (1 / 0.1)
# END SOLUTION

# %%
check.close("scale.growth", growth)

# %% [markdown]
# **3.** The three pocket models share data, tokenizer and recipe, and each prompt has 20 vectors. But one more thing
# than size differs between the largest and the other two (`docs/results.md`, "Three sizes"), and it might change the
# gap too. Is it "the tokens it has read", "the vocabulary" or "the task"?

# %%
also_differs = ...  # your answer
# BEGIN SOLUTION
also_differs = "the tokens it has read"
# END SOLUTION

# %%
check.choice("scale.also_differs", also_differs)

# %% [markdown]
# **Open question.** Three sizes span a factor of 11; the paper's five span a factor of 145. What would you have to
# measure to believe, or to refute, that the gap closes? Which models would you race next, and which would you make?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# More sizes over more decades, all pretrained on the same tokens, each method at its best rate for each size and for
# as many steps as it needs. Next: the Pythia models from 14 to 410 million, which read the same data. And to take depth
# and width apart, pocket models that differ in one of the two alone.
# <!-- END SOLUTION -->
