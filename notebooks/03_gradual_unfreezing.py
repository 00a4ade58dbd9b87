# %% [markdown]
# # 03 · Gradual unfreezing
#
# **The question.** Full tuning moves all layers at once and equally fast. Does it help to let them go one after the
# other, from the top down, and the lower ones more gently?

# %%
import math

from workbench.lessons import check, lesson
from workbench.spec import Budget
from workbench.training.optimizer import rate_factor
from workbench.views.findings import findings

budget = lesson.budget()
base = lesson.load_base(budget.model)
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# Full tuning can wash away what a model knows. ULMFiT (Howard and Ruder 2018,
# [arXiv:1801.06146](https://arxiv.org/abs/1801.06146)) holds three things against that:
#
# | name | what it does |
# |---|---|
# | gradual unfreezing | first the top layer moves alone; one layer after the other joins it, from the top down |
# | discriminative rates | each layer takes steps 2.6 times smaller than the layer above it |
# | slanted triangular rates | the rate rises fast, for a tenth of the steps, and then falls slowly |
#
# Its authors say that together they keep the model from forgetting and make it better at the new task: on six sets of
# texts to classify it made fewer errors than the best known models. They saw forgetting in an error on the new task
# that rises again; here it is the loss on the old text.
#
# ## Predict before you run

# %%
my_guess = {
    "gradual unfreezing ends lower than full tuning": "?",  # yes or no
    "it forgets less than full tuning at the same rate": "?",  # yes or no
    "the part that protects most (late thawing or small rates below)": "?",
}

# %% [markdown]
# ## From scratch
#
# All there is to know is: at this step, does this parameter move, and how fast? `above` counts the blocks above it.
# The output and the last norm belong to the top block; the embedding is the lowest layer of all. Where the output
# *is* the embedding, as in the pocket model, it waits with it until the end.


# %%
def above(piece):
    """How many layers lie above this parameter; 0 for the top block."""
    if piece.block is not None:
        return base.card.depth - 1 - piece.block
    return base.card.depth if "embedding" in piece.role else 0


def factors(done, discriminative=2.6, thawed_at=0.5):
    """Factor on the learning rate of every parameter that moves when this fraction of the steps is done."""
    lowest = base.card.depth  # the number of the last layer to thaw
    reached = lowest if done >= thawed_at else int(done / thawed_at * lowest)
    return {p.name: discriminative ** -above(p) for p in base.card.pieces if above(p) <= reached}


for done in (0, 0.1, 0.25, 0.4, 0.5, 1):
    moving = factors(done)
    print(f"{done:4.0%} done: {len(moving):3} parameters move, the lowest at {min(moving.values()):.4f} of the rate")

# %% [markdown]
# **Check 1.** At every step the same parameters move as in the package, each with the same factor.

# %%
for knobs in ({}, {"discriminative": 1.0}, {"thawed_at": 0.0}, {"discriminative": 4.0, "thawed_at": 1.0}):
    choice = ":".join(["gradual_unfreezing", *(f"{name}={value}" for name, value in knobs.items())])
    method, tuned = lesson.method(choice), lesson.tune(base, choice)
    for step in range(budget.steps):
        method.on_progress(tuned, step / budget.steps)  # what the package calls before each step
        theirs = {name: tuned.rates.get(name, 1.0) for name, p in tuned.movable.items() if p.requires_grad}
        assert theirs == factors(step / budget.steps, **knobs), (choice, step)
    print(f"{choice}: the same in all {budget.steps} steps")

# %% [markdown]
# **Check 2.** The slanted rate in three lines (equation 3 of the paper), against the package's.


# %%
def slanted(step, steps, rising=0.1, ratio=32):
    """Fraction of the highest rate in this step: up in a line, then down in a longer one, never below 1 / ratio."""
    cut = math.floor(steps * rising)
    height = step / cut if step < cut else 1 - (step - cut) / (steps - cut)
    return (1 + height * (ratio - 1)) / ratio


paper = Budget(steps=budget.steps, schedule="slanted", warmup=0.1)
for step in range(budget.steps):
    assert math.isclose(slanted(step, budget.steps), rate_factor(step, paper)), step
print("  ".join(f"{slanted(step, budget.steps):.2f}" for step in range(0, budget.steps, budget.steps // 10)))

# %% [markdown]
# **Check 3.** Without both parts nothing is left but full tuning: the same losses in every step, when the rate is the
# same. So the knobs take the method apart, and the race below can say which part does what.

# %%
plain = "gradual_unfreezing:discriminative=1:thawed_at=0"
few = budget.training | {"steps": 5, "learning_rate": 1e-3, "evaluation_examples": 8, "metric_examples": 0}
both = lesson.race(budget.model, "describe", ["full", plain], tell=None, **few)
assert both[0].history.losses == both[1].history.losses

# %% [markdown]
# **Check 4.** It counts as full tuning: in the end everything moves, and the whole model is kept.

# %%
counted = lesson.anatomy(budget.model, "gradual_unfreezing")
assert counted.trainable == lesson.anatomy(budget.model, "full").trainable == base.card.parameters
first = sum(p.numel() for name, p in lesson.tune(base, "gradual_unfreezing").movable.items() if name in factors(0))
print(f"{counted.trainable:,} numbers move in the end, {first:,} at the start")

# %% [markdown]
# ## The race
#
# Full tuning at its own rate; gradual unfreezing; without small rates below; without late thawing; and without both,
# which is full tuning at gradual unfreezing's rate, ten times full tuning's own. Same batches for all, three seeds.

# %%
no_discriminative, no_thaw = "gradual_unfreezing:discriminative=1", "gradual_unfreezing:thawed_at=0"
methods = ["full", "gradual_unfreezing", no_discriminative, no_thaw, plain]
runs = lesson.race(budget.model, "describe", methods, seeds=budget.seeds, **budget.training)

# %% [markdown]
# And the paper's schedule in place of the cosine:

# %%
paper_rates = budget.training | {"schedule": "slanted", "warmup": 0.1}
slanted_runs = lesson.race(budget.model, "describe", ["gradual_unfreezing"], seeds=budget.seeds, **paper_rates)

# %%
lesson.figure("curves", runs)

# %%
lesson.table(runs)

# %%
lesson.table(slanted_runs)

# %%
print("my guess:", my_guess)
print(*findings(runs), sep="\n")

# %% [markdown]
# ## What to see
#
# This holds for every seed. At one and the same rate each of the two parts protects the model, the small rates below
# more than the late thaw, and both together most. Without them it forgets most.

# %%
forgotten = {(run.group, run.seed): run.history.forgotten for run in runs}  # in nats per token
for seed in budget.seeds:
    of = {method: forgotten[method, seed] for method in methods}
    assert of["gradual_unfreezing"] < of[no_thaw] < of[no_discriminative] < of[plain], seed

# %% [markdown]
# On the pocket model (150 steps, three seeds, 64 held-out examples, mean ± standard deviation; forgetting in nats):
#
# | method | rate | loss | score | forgetting |
# |---|---|---|---|---|
# | full | 0.001 | 0.851 ± 0.025 | 0.208 ± 0.036 | 0.156 ± 0.012 |
# | full, as `discriminative=1:thawed_at=0` | 0.01 | 0.816 ± 0.007 | 0.199 ± 0.042 | 7.821 ± 0.741 |
# | late thaw alone, `discriminative=1` | 0.01 | 0.810 ± 0.011 | 0.225 ± 0.004 | 2.343 ± 0.402 |
# | small rates alone, `thawed_at=0` | 0.01 | 0.856 ± 0.013 | 0.159 ± 0.039 | 0.348 ± 0.023 |
# | both, gradual unfreezing | 0.01 | 0.948 ± 0.027 | 0.086 ± 0.014 | 0.320 ± 0.002 |
# | both, with slanted rates | 0.01 | 0.940 ± 0.020 | 0.092 ± 0.005 | 0.298 ± 0.006 |
#
# - *It protects against forgetting.* **In part.** At the same rate very much: 0.32 nats in place of 7.82. But full
#   tuning at a tenth of the rate forgets half as much and ends lower. A low rate does what the schedule does, for less.
# - *Each part helps.* **In part.** Small rates below do most of it: alone they bring 7.82 down to 0.35, and cost 0.04
#   nats of loss. A late thaw alone leaves 2.34. On top of small rates it saves 0.03 nats of forgetting and costs 0.09
#   of loss.
# - *It makes the model better at the task.* **Does not show** for both together: 11 % more loss than full tuning and
#   two fifths of its score (`docs/results.md` has 13 % with 256 examples, and 9 % on `instructions`). Each part alone
#   ends as low as full tuning or lower.
# - *Slanted rates help.* **This race cannot tell** for the loss. They forget a little less, for each seed.
#
# Why is it dear here? The lowest of six blocks takes steps 2.6⁵ = 119 times smaller than the top one, and only for the
# last 58 % of the steps, when the rate is already falling. In 150 steps it hardly comes to move. ULMFiT has
# three layers, thaws one an epoch, and trains for up to 50 epochs.
#
# ## Exercises
#
# **1.** BERT-base has 12 blocks. How many times smaller than the top block's are the steps of its embedding, with the
# paper's factor of 2.6?

# %%
times = ...  # your answer
# BEGIN SOLUTION
times = 2.6**12
# END SOLUTION

# %%
check.close("gradual_unfreezing.times", times)

# %% [markdown]
# **2.** A training of 1000 steps with slanted rates: it rises for a tenth of the steps, and the lowest rate is 32 times
# smaller than the highest. Which fraction of the highest rate does step 640 take? (Steps count from 0.)

# %%
fraction = ...  # your answer
# BEGIN SOLUTION
fraction = slanted(640, 1000)
# END SOLUTION

# %%
check.close("gradual_unfreezing.fraction", fraction)

# %% [markdown]
# **3.** GPT-2 has 12 blocks and an embedding that is thawed last. All of it moves from half of the training on. After
# which fraction of the training does its *lowest block* begin to move?

# %%
begins = ...  # your answer
# BEGIN SOLUTION
begins = 11 / 12 * 0.5
# END SOLUTION

# %%
check.close("gradual_unfreezing.begins", begins)

# %% [markdown]
# **Open question.** Full tuning at its own, lower rate forgets little too. So is it the *schedule* that protects, or
# only that less is moved, less often? What would you plot to tell?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# Race both at several rates and plot forgetting against loss: the schedule protects only if its curve lies below full
# tuning's at the same loss. `bench/sweep.csv` has such points from one seed: at a loss of 1.065 gradual unfreezing
# (rate 0.003) has forgotten 0.10 nats and full tuning (0.0003) 0.06. So here the low rate does more than the schedule.
# <!-- END SOLUTION -->
