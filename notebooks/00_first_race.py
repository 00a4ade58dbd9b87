# %% [markdown]
# # 00 · A first race
#
# **The question.** Can a small language model learn something new in a minute, and does all of it have to move?
#
# *Five minutes. You need no background. Run the cells from top to bottom with Shift and Enter.*

# %%
import math

import torch

import workbench.widgets as wb
from workbench.lessons import check, lesson
from workbench.tasks import TASKS
from workbench.tasks.encode import encode

budget = lesson.budget()
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The task
#
# The model has read many small stories. It has never seen a list of facts. It shall learn to turn one into sentences.

# %%
records = TASKS["describe"]().records("evaluation", budget.evaluation_examples, 0)
print("the model reads: ", records[0].prompt)
print("it shall write:  ", records[0].target)

# %% [markdown]
# ## The claim
#
# A model that has read a lot needs few examples to learn something new (Howard and Ruder 2018,
# [arXiv:1801.06146](https://arxiv.org/abs/1801.06146)). And it need not move all its numbers for that: LoRA moves a
# small part and comes close to moving everything (Hu et al. 2021,
# [arXiv:2106.09685](https://arxiv.org/abs/2106.09685)).
#
# We let four models learn side by side, on the very same examples:
#
# | name | what it is |
# |---|---|
# | `none` | the model as it is; it learns nothing |
# | `scratch` | the same network, but it starts from random numbers: it has never read anything |
# | `full` | all numbers of the pretrained model may move |
# | `lora` | the pretrained model stays as it is; small additions learn |
#
# ## Predict before you run
#
# In which order will they end, best first? Write it down. A guess that turns out wrong is worth more than none.

# %%
my_guess = ["?", "?", "?", "?"]  # for example ["full", "lora", "scratch", "none"]

# %% [markdown]
# ## What is measured: surprise
#
# At every word the model gives each possible next word a probability. The **loss** is how surprised it is by the word
# that really comes: minus the logarithm of its probability, in *nats*, on average over all words. Lower is better.
#
# Here it is from scratch. A *token* is a word or a piece of one; `scores` holds a number for each possible next token.

# %%
base = lesson.load_base(budget.model)


@torch.no_grad()
def surprises(record):
    """The surprise at each token of the answer, in nats."""
    example = encode(record, base.tokenizer, max_length=256)
    scores = base.model(torch.tensor([example.ids])).logits[0]  # (time, vocab)
    log_p = scores.log_softmax(dim=-1)
    places = range(1, len(example.ids))
    return [-float(log_p[place - 1, example.ids[place]]) for place in places if example.labels[place] != -100]


all_surprises = [nats for record in records for nats in surprises(record)]
by_hand = sum(all_surprises) / len(all_surprises)
print(f"the untouched model's loss on {len(records)} answers, by hand: {by_hand:.4f} nats per token")

# %% [markdown]
# The package must find the same number. We race one run that learns nothing, and compare.

# %%
untouched = lesson.race(budget.model, "describe", ["none"], **budget.training | {"precision": "float32"})
[by_package] = lesson.losses(untouched)["none"]
assert math.isclose(by_hand, by_package, rel_tol=1e-4), (by_hand, by_package)

# %% [markdown]
# ## The race
#
# The same batches in the same order for all four. The board below is live: the race runs in a process of its own, and
# you can go on reading, or stop it.

# %%
methods = ["none", "scratch", "full", "lora"]
first, *others = budget.seeds
board = wb.race(model=budget.model, task="describe", methods=methods, seed=first, **budget.training)

# %%
board.wait()  # the cells below need its end

# %% [markdown]
# One race alone could be luck. A *seed* decides which examples come and how random numbers fall. So we repeat it from
# two more seeds, here in the kernel, and look at all three together.

# %%
runs = lesson.race(budget.model, "describe", methods, seeds=others, beside=board.runs, **budget.training)

# %%
lesson.figure("curves", runs)

# %%
lesson.table(runs)

# %% [markdown]
# Each line of the table is a mean over the seeds; behind ± stands the standard deviation. *% trained* is how many of
# the numbers may move. *Score* is how many facts are said rightly, from 0 to 1. *Forgetting* is how much worse the
# model has become on the stories that it was made from.

# %%
losses = lesson.losses(runs)
order = sorted(losses, key=lambda name: sum(losses[name]))
print("my guess:", my_guess)
print("measured:", order)

# %% [markdown]
# ## What to see
#
# Two things hold here for every seed, so we let the notebook insist on them.

# %%
for seed in range(len(budget.seeds)):
    untuned = losses["none"][seed]
    assert max(losses["full"][seed], losses["lora"][seed]) < untuned, "learning helps"
    assert max(losses["full"][seed], losses["lora"][seed]) < losses["scratch"][seed], "having read helps"

# %% [markdown]
# With the full budget (150 steps, three seeds, 256 held-out examples, `docs/results.md`) the pocket model ends at
# 0.796 ± 0.006 with `full`, 0.809 ± 0.009 with `lora`, 1.356 ± 0.037 from scratch and 4.867 without learning. So both
# claims show: what it has read is worth half a nat, and LoRA comes within 2 % of moving everything with 5.4 % of the
# numbers. What the table also shows: LoRA *forgets* more here. Lesson 06 asks why.
#
# What do they write now? The first two prompts:

# %%
for run in [run for run in runs if run.seed == budget.seeds[0]]:
    print(f"--- {run.label}")
    for sample in run.history.samples[-1][1][:2]:
        print(sample["prompt"].replace("\n", " "), "->", sample["text"].strip()[:100])

# %% [markdown]
# ## Exercises
#
# Put your answer in place of the three dots. The cell behind it says whether it is right, or gives a hint.
#
# **1.** By how many nats per token did full tuning lower the loss of the untouched model, on average over the seeds?
# Take the numbers from `losses`.

# %%
gain = ...  # your answer
# BEGIN SOLUTION
gain = sum(losses["none"]) / len(losses["none"]) - sum(losses["full"]) / len(losses["full"])
# END SOLUTION

# %%
check.close("first_race.gain", gain, runs)

# %% [markdown]
# **2.** A loss of `x` nats means: the model is as unsure as if it had to choose among `exp(x)` equally likely words.
# This number is called *perplexity*. What is the perplexity at a loss of 1.7 nats?

# %%
perplexity = ...  # your answer
# BEGIN SOLUTION
perplexity = math.exp(1.7)
# END SOLUTION

# %%
check.close("first_race.perplexity", perplexity)

# %% [markdown]
# **3.** You want to know what *pretraining* was worth. Which run do you hold against `full`: "none", "scratch" or
# "lora"?

# %%
beside_full = ...  # your answer
# BEGIN SOLUTION
beside_full = "scratch"
# END SOLUTION

# %%
check.choice("first_race.beside_full", beside_full)

# %% [markdown]
# **Open question.** Your neighbour raced once, with one seed, and says: "LoRA is worse than full tuning." Your table
# has three seeds. Do you agree? What would you have to see to be sure?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# One seed cannot tell. Compare the distance of the two means with the spread over the seeds: where it is smaller,
# nobody knows. And which one is better depends on what counts: loss, numbers to store, memory, or what is forgotten.
# <!-- END SOLUTION -->
