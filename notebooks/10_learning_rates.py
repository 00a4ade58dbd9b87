# %% [markdown]
# # 10 · Learning rates
#
# **The question.** The best learning rates of two ways of tuning differ a hundredfold. Why, and how does one find them
# in seconds?

# %%
import math
from dataclasses import replace

import plotly.graph_objects as go
import torch

from workbench.lessons import check, lesson
from workbench.spec import Budget
from workbench.tasks import TASKS
from workbench.tasks.encode import encode
from workbench.training.optimizer import rate_factor

budget = lesson.budget()
device = "cuda" if torch.cuda.is_available() else "cpu"
base = lesson.load_base(budget.model)
base.model.to(device)
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# - *A range test finds the rate.* Let the rate grow during one short run. Where the loss begins to fall the rate is
#   high enough, where it breaks it is too high. The best is usually within a factor of two of the largest that still
#   converges (Smith 2015, [arXiv:1506.01186](https://arxiv.org/abs/1506.01186), section 3.3).
# - *Adam's step has the length of the rate*, however large the gradient is (Kingma and Ba 2014,
#   [arXiv:1412.6980](https://arxiv.org/abs/1412.6980), section 2.1).
# - *So the rate has to fit what moves.* The best rate of a matrix falls as one over its width (Yang et al. 2022,
#   [arXiv:2203.03466](https://arxiv.org/abs/2203.03466)).
#
# ## Predict before you run

# %%
my_guess = {
    "a first step of full tuning moves the answers so many times as far as LoRA's, at the same rate": "?",
    "the same for a soft prompt": "?",
    "at full tuning's rate LoRA ends as low as full tuning": "?",  # yes or no
}

# %% [markdown]
# ## From scratch: how far a number goes in a step
#
# AdamW is the rule by which every run here learns. It keeps two running means of the gradient and divides one by the
# root of the other. So the gradient's size falls out.


# %%
def adam_step(weight, gradient, mean, square, step, rate):
    """One step of Adam for a tensor: the new weight, and the two running means. `step` counts from 1."""
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * gradient**2
    direction = (mean / (1 - 0.9**step)) / ((square / (1 - 0.999**step)).sqrt() + 1e-8)
    return weight - rate * direction, mean, square


# %% [markdown]
# **Check 1.** It is torch's, and the first step of every number is as long as the rate.

# %%
start = torch.randn(4, 3)
theirs = torch.nn.Parameter(start.clone())
optimizer = torch.optim.AdamW([theirs], lr=0.01, weight_decay=0.0)
ours, mean, square = start, torch.zeros(4, 3), torch.zeros(4, 3)
for step in range(1, 6):
    theirs.grad = 10.0**step * torch.randn(4, 3)  # gradients of every size
    ours, mean, square = adam_step(ours, theirs.grad, mean, square, step, rate=0.01)
    optimizer.step()
    torch.testing.assert_close(ours, theirs.data)
    if step == 1:
        torch.testing.assert_close((ours - start).abs(), torch.full((4, 3), 0.01), rtol=1e-3, atol=1e-6)

# %% [markdown]
# ## From scratch: what one step does to the model
#
# Every number goes equally far. What that does to the *answers* depends on how many numbers there are, and on where
# they stand. We take one step with each way of tuning, all at the same rate, and look.

# %%
records = TASKS["describe"]().records("train", 400, 0)


def batch(number):
    """Eight training examples as token ids and labels, (8, time); -100 marks what is not learned."""
    examples = [encode(record, base.tokenizer, 224) for record in records[8 * number : 8 * number + 8]]
    longest = max(len(example.ids) for example in examples)
    ids = [[*example.ids, *[0] * (longest - len(example.ids))] for example in examples]
    labels = [[*example.labels, *[-100] * (longest - len(example.labels))] for example in examples]
    return torch.tensor(ids, device=device), torch.tensor(labels, device=device)


def learner(choice, seed=0):
    """The package's version of a method, on the device, with AdamW over what moves."""
    tuned = lesson.tune(base, choice, seed)
    tuned.model.to(device)
    return tuned.model, torch.optim.AdamW(tuned.movable.values(), weight_decay=0.0)


# %%
def answers(model, ids, labels):
    """Log-probability of each token that is to be learned."""
    logits = model(input_ids=ids).logits[:, -ids.shape[1] :]  # without a soft prompt's own places
    log_p = logits[:, :-1].log_softmax(-1)  # (batch, time - 1, vocab)
    wanted = labels[:, 1:]
    return log_p.gather(-1, wanted.clamp(min=0)[..., None])[..., 0][wanted != -100]


def effect(choice, rate=1e-4):
    """How far one step at this rate moves the answers: root of the mean square, in nats."""
    model, optimizer = learner(choice)
    before = answers(model, *batch(0))
    (-before.mean()).backward()
    optimizer.param_groups[0]["lr"] = rate
    optimizer.step()
    with torch.no_grad():
        return float((answers(model, *batch(0)) - before).square().mean().sqrt())


# %% [markdown]
# **Check 2.** Beside it stands the default rate, which the package's authors found by racing every method at four to
# seven rates (`docs/results.md`, "Learning rates"). The two must rise and fall together: the less a step does, the
# higher the rate that a method bears.

# %%
bitfit = "bitfit" if base.card.biases() else "bitfit:add_missing=true"  # most Llamas have no biases
shown = ["full", "adapter", "lora", "ia3", bitfit, "prompt"]
default = {choice: lesson.method(choice).default_learning_rate(base.card) for choice in shown}
moved = {choice: effect(choice) for choice in shown}
rows = [
    (choice, f"{lesson.anatomy(budget.model, choice).trainable:,}", f"{moved['full'] / moved[choice]:.0f}",
     f"{default[choice] / default['full']:.0f}")
    for choice in shown
]  # fmt: skip
lesson.Grid(("method", "numbers that move", "times weaker than full's step", "times higher default rate"), tuple(rows))

# %%
for choice in shown[1:]:
    weaker, higher = moved["full"] / moved[choice], default[choice] / default["full"]
    assert weaker > 5
    if budget.model.startswith("pocket"):  # the sweep was made on it
        assert 1 / 10 < weaker / higher < 10, choice

# %% [markdown]
# Within a factor of ten each method's rate is what makes up for its weaker step. Where does the weakness come from?
#
# - *Full tuning:* all weights of a row go their own best way, and what they do adds up in each output.
# - *LoRA:* B starts at zero, so A gets no gradient at first and B alone moves. What it adds to W is
#   `(alpha / rank) * rate` times sums of a few small random numbers of A, some with the wrong sign.
# - *(IA)3 and BitFit:* one number a channel. A step of 0.001 makes a channel a thousandth louder.
# - *A soft prompt:* a few vectors before the text, which reach the answer through attention only.
#
# **Check 3.** In LoRA's first step B goes as far as the rate, and A stays where it is.

# %%
model, optimizer = learner("lora")
kept = {name: weight.detach().clone() for name, weight in model.named_parameters() if "lora_" in name}
(-answers(model, *batch(0)).mean()).backward()
optimizer.param_groups[0]["lr"] = 0.01
optimizer.step()
farthest = dict.fromkeys(("lora_A", "lora_B"), 0.0)
for name, weight in model.named_parameters():
    for part in farthest:
        if part in name:
            farthest[part] = max(farthest[part], float((weight.detach() - kept[name]).abs().max()))
assert farthest["lora_A"] == 0.0 and math.isclose(farthest["lora_B"], 0.01, rel_tol=1e-3)

# %% [markdown]
# ## From scratch: a range test
#
# One short run for each method. The rate begins very low and grows by the same factor from step to step, over
# six powers of ten. (Smith lets it grow in a straight line; with ways of tuning so far apart we go in factors.)


# %%
def range_test(choice, lowest=1e-5, highest=10.0, steps=42):
    """Losses by rate, smoothed, while the rate grows from step to step."""
    model, optimizer = learner(choice)
    curve, running = [], 0.0
    for step in range(steps):
        rate = lowest * (highest / lowest) ** (step / (steps - 1))
        optimizer.param_groups[0]["lr"] = rate
        ids, labels = batch(step)
        loss = -answers(model, ids, labels).mean()
        running = 0.7 * running + 0.3 * loss.item()
        curve.append((rate, running / (1 - 0.7 ** (step + 1))))  # as in Adam: undo the start at zero
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)
        optimizer.step()
    return curve


# %%
def halfway(curve):
    """The rate at which half of the fall from the first loss to the lowest is done."""
    half = (curve[0][1] + min(loss for _, loss in curve)) / 2
    return next(rate for rate, loss in curve if loss <= half)


def breaks(curve):
    """The smallest rate at which the loss has risen by half a nat above its lowest."""
    lowest = min(range(len(curve)), key=lambda place: curve[place][1])
    return next((rate for rate, loss in curve[lowest:] if not loss < curve[lowest][1] + 0.5), math.inf)


# %%
tests = {choice: range_test(choice) for choice in ("full", "lora", "ia3", "prompt")}
picture = go.Figure()
for choice, curve in tests.items():
    picture.add_scatter(x=[rate for rate, _ in curve], y=[loss for _, loss in curve], name=choice)
picture.update_xaxes(type="log", title="learning rate of the step", exponentformat="power")
picture.update_yaxes(title="training loss, smoothed, nats per token", range=[0, 12])

# %% [markdown]
# **Check 4.** The rate of the steep part is close to the default, which long races chose: within a factor of five for
# full tuning, LoRA and (IA)3. And all defaults lie far below the rate at which a method breaks. A soft prompt learns so
# slowly that the growing rate outruns it, and it never breaks: for it this test is too short.

# %%
for choice, curve in tests.items():
    found = f"halfway down at {halfway(curve):.2g}, breaks at {breaks(curve):.2g}"
    print(f"{choice:7} {found:42} default {default[choice]:.2g}")
    assert 5 * default[choice] < breaks(curve)
    if choice != "prompt" and budget.model.startswith("pocket"):
        assert 1 / 5 < halfway(curve) / default[choice] < 5

# %% [markdown]
# ## The race
#
# Full tuning and LoRA, at three rates each: full tuning's default, LoRA's, and three times that.

# %%
rates = (default["full"], default["lora"], 3 * default["lora"])


def raced(rate):
    """Runs of both at one rate, which say in their name which one that is."""
    found = lesson.race(budget.model, "describe", ["full", "lora"], budget.seeds, learning_rate=rate, **training)
    return [replace(run, label=f"{run.label}, {rate:g}", group=f"{run.group}, {rate:g}") for run in found]


training = budget.training | {"metric_examples": 0, "sample_every": budget.steps}
if budget.name == "test":
    training |= {"steps": 30, "evaluate_every": 30, "sample_every": 30, "evaluation_examples": 16}
runs = [run for rate in rates for run in raced(rate)]

# %%
lesson.figure("curves", runs)

# %%
lesson.table(runs)

# %%
losses = lesson.losses(runs)
print("my guess:", my_guess)
for method in ("full", "lora"):
    for rate in rates:
        print(f"{method:5} at {rate:7.1g}:", [round(loss, 3) for loss in losses[f"{method}, {rate:g}"]])

# %% [markdown]
# ## What to see
#
# This holds for every seed. At full tuning's rate LoRA ends above full tuning; at its own rate it ends lower than
# before, and as low as full tuning does at that rate. And at each of the three rates LoRA forgets less.

# %%
forgotten = {(run.group, run.seed): run.history.forgotten for run in runs}
slow, fast, wild = rates
for place, seed in enumerate(budget.seeds):
    of = {(method, rate): losses[f"{method}, {rate:g}"][place] for method in ("full", "lora") for rate in rates}
    assert of["full", slow] < of["lora", slow] > of["lora", fast]
    assert abs(of["lora", fast] - of["full", fast]) < (of["lora", slow] - of["full", slow]) / 4
    for rate in rates:
        assert forgotten[f"lora, {rate:g}", seed] < forgotten[f"full, {rate:g}", seed]

# %% [markdown]
# On the pocket model (150 steps, three seeds, 64 held-out examples, mean ± standard deviation; forgetting in nats):
#
# | rate | full | forgets | LoRA | forgets |
# |---|---|---|---|---|
# | 0.001 | 0.851 ± 0.025 | 0.156 ± 0.012 | 1.174 ± 0.008 | 0.101 ± 0.007 |
# | 0.01 | 0.816 ± 0.007 | 7.821 ± 0.741 | 0.825 ± 0.011 | 0.975 ± 0.163 |
# | 0.03 | 0.957 ± 0.104 | 12.034 ± 0.740 | 2.664 ± 0.291 | 8.953 ± 0.999 |
#
# - *Adam's step has the length of the rate.* **Shows**, to the last digits (checks 1 and 3).
# - *The rate has to fit what moves.* **Shows.** At one rate a first step of LoRA moves the answers 21 times less than
#   full tuning's, a soft prompt's 39 times, (IA)3's 65 times, BitFit's 82 times. Their best rates are 10 and 100 times
#   higher. Whoever compares at 0.001 for all finds LoRA 0.32 nats behind; at 0.01 for all it is 0.01, less than
#   the spread.
# - *A range test finds the rate.* **In part.** It took 42 steps, and full tuning, LoRA and (IA)3 were halfway down at
#   0.002, 0.01 and 0.2: close to their defaults of 0.001, 0.01 and 0.1. A prompt came there at 2.6, far too high.
# - *The best rate is within a factor of two of the largest that converges.* **Does not show.** The curves break at
#   0.09, 0.13 and 2.6. Full tuning ends about alike at 0.001 and 0.01, nine to ninety times below its edge; LoRA's
#   0.01 lies 13 times below. But a growing rate stays at each height for one step only: in a whole run LoRA breaks at
#   0.03, and then its best rate *is* within a factor of three of the edge.
#
# The table has an answer to lesson 06. There LoRA forgot more, at ten times full tuning's rate. At the same rate it
# forgets less, each time, and at 0.01 an eighth with about the same loss. The higher rate forgets, not LoRA.
#
# ## Exercises
#
# **1.** (IA)3 learns multipliers that start at 1. The rate of a run rises to its peak and falls again: at step `s` it
# is `peak * rate_factor(s, Budget(steps=150))`. With a peak of 1e-3, how far from 1 can a multiplier get at most in 150
# steps, if Adam's step is never longer than the rate?

# %%
farthest = ...  # your answer
# BEGIN SOLUTION
farthest = sum(1e-3 * rate_factor(step, Budget(steps=150)) for step in range(150))
# END SOLUTION

# %%
check.close("learning_rates.farthest", farthest)

# %% [markdown]
# **2.** LoRA adds `(alpha / rank) B A x`, and B starts at zero. At rank 8 and `alpha=16` a rate of 0.01 is good. With
# `alpha=4`, at which rate does the *first* step change the answers as much as before? `effect(choice, rate)` can check.

# %%
rate = ...  # your answer
# BEGIN SOLUTION
rate = 0.01 * 16 / 4
print(effect("lora:alpha=16", 1e-4), effect("lora:alpha=4", 4e-4))
# END SOLUTION

# %%
check.close("learning_rates.alpha", rate)

# %% [markdown]
# **3.** Multiply the loss by a thousand. How far does the first step of Adam then move a number: "a thousand times as
# far", "as far as before" or "a thousandth as far"? Try it with `adam_step`.

# %%
thousandfold = ...  # your answer
# BEGIN SOLUTION
thousandfold = "as far as before"
# END SOLUTION

# %%
check.choice("learning_rates.thousandfold", thousandfold)

# %% [markdown]
# **Open question.** A paper compares five ways of tuning, all at a rate of 1e-4, and ranks them. What does its ranking
# say? How would you compare, if you could afford thirty runs?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# It says which of them suits that rate. Give each its own rates around its own best, spend the same number of runs on
# each, choose on data that are not used for the ranking, and repeat the best from other seeds: three rates with one
# seed each, and the best of them from three seeds, make five times (3 + 3) runs.
# <!-- END SOLUTION -->
