# %% [markdown]
# # 09 · Forgetting
#
# **The question.** What does a model lose while it learns, and what keeps it from losing so much?

# %%
import copy
import math
from dataclasses import replace
from itertools import pairwise
from statistics import fmean

import plotly.graph_objects as go
import torch

from workbench.history import History
from workbench.lessons import check, lesson
from workbench.spec import Budget
from workbench.tasks import TASKS
from workbench.tasks.contract import Record
from workbench.tasks.encode import Encoded, encode
from workbench.training.batches import Examples, batch_order, collate
from workbench.training.bench import base_domain
from workbench.training.check import max_length
from workbench.training.device import choose_device
from workbench.training.generate import Writing, prompt_ids, write
from workbench.training.optimizer import rate_factor

# %%
budget = lesson.budget()
base = lesson.load_base(budget.model)
device = choose_device("float32", base.card.parameters)
base.model.to(device.place)
longest = max_length(Budget(), base.card)  # tokens of an example
task, is_pocket = TASKS["describe"](), budget.model.startswith("pocket")

steps = 8 if budget.name == "test" else budget.steps
training = budget.training | {"steps": steps, "evaluate_every": steps, "sample_every": steps, "metric_examples": 0}
if budget.name == "test":
    training["evaluation_examples"] = 16
exact = training | {"precision": "float32"}  # so that what is written by hand can be held against the package
print(f"budget {budget.name}: {budget.model}, {steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# - *A network that learns something new loses what it knew.* McCloskey and Cohen 1989 saw it in small networks and
#   called it catastrophic interference. Where old and new are represented alike, they disturb each other
#   (French 1999, Trends in Cognitive Sciences 3, a review).
# - *LoRA learns less and forgets less* than full tuning, each at its own best rate (Biderman et al. 2024,
#   [arXiv:2405.09673](https://arxiv.org/abs/2405.09673): Llama-2-7B on code and mathematics). In the paper's first
#   version both seem to lie on one curve of learning against forgetting, LoRA at its gentle end (section 4.3).
# - *Rehearsal helps:* a little of the old is trained along with the new. The network's own answers can stand in for
#   the old data (Robins 1995, Connection Science 7).
# - *Hold the weights that the old task needs.* Elastic weight consolidation pulls each weight back to where it was, the
#   more the more it matters (Kirkpatrick et al. 2016, [arXiv:1612.00796](https://arxiv.org/abs/1612.00796)).
# - *Go back part of the way.* The mean of the weights before and after tuning keeps much of both
#   (Wortsman et al. 2021, [arXiv:2109.01903](https://arxiv.org/abs/2109.01903): CLIP and photos).
#
# ## Predict before you run

# %%
my_guess = {
    "at the same rate LoRA forgets less than full tuning": "?",  # yes or no
    "each at its own rate LoRA forgets less": "?",  # yes or no
    "the kind of text that is forgotten most (like the new task or unlike it)": "?",
    "the remedy that saves most (lower rate, rehearsal, pulling back, mixing weights)": "?",
}

# %% [markdown]
# ## From scratch: how much was forgotten
#
# Keep texts of the old kind aside. Forgetting is how much the loss on them rises, in nats per token. For the pocket
# model the old kind is 32 held-out documents of its world; of another base we do not know the data, so texts that it
# wrote itself stand in for them.

# %%
old = base_domain(base, device, (), longest)
held_out = task.records("evaluation", training["evaluation_examples"], 0)
new = [encode(record, base.tokenizer, longest) for record in held_out]


def loss_on(model, texts):
    """Loss of each token of these texts that is to be predicted, in nats: (targets,)."""
    batch = collate(texts, base.tokenizer.pad_token_id or 0, device.place)
    logits = model(input_ids=batch.ids, use_cache=False).logits  # (batch, time, vocab)
    chosen = logits.flatten(0, 1)[batch.places]  # (targets, vocab)
    return torch.nn.functional.cross_entropy(chosen, batch.labels, reduction="none")


def measured(model, texts):
    """The mean over all tokens; eight texts at a time, alike in length, so that little is padding."""
    alike = sorted(texts, key=lambda text: len(text.ids))
    with torch.no_grad():
        return float(torch.cat([loss_on(model, alike[at : at + 8]) for at in range(0, len(alike), 8)]).mean())


# %% [markdown]
# **Check 1.** The base's losses are those that the package measures.

# %%
[untuned] = lesson.race(budget.model, "describe", ["none"], tell=None, **exact)
before = measured(base.model, old)
assert math.isclose(before, untuned.history.untouched, rel_tol=1e-4)
assert math.isclose(measured(base.model, new), untuned.history.evaluations[-1][1], rel_tol=1e-4)
print(f"the base: {before:.3f} nats per token on the old kind of text, {measured(base.model, new):.3f} on the new")

# %% [markdown]
# ## From scratch: tuning, with room for a remedy
#
# Full tuning by hand, on the package's batches. A remedy is a further term of the loss.


# %%
def by_hand(seed, rate, steps=steps, further=None):
    """Full tuning; `further(model, step)` is added to the loss. The model that comes out, and the loss of each step."""
    model = copy.deepcopy(base.model).requires_grad_(True)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.0)
    examples = Examples(task.records("train", 0, seed), base.tokenizer, longest)
    order, losses = batch_order(examples, training["batch_size"], seed), []
    for step in range(steps):
        loss = loss_on(model, [examples[number] for number in next(order)]).mean()
        losses.append(loss.item())
        if further:
            loss = loss + further(model, step)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.param_groups[0]["lr"] = rate * rate_factor(step, Budget(steps=steps))
        optimizer.step()
    return model, losses


# %% [markdown]
# **Check 2.** Without a remedy it is the package's `full`: the same loss in every step, and as much is forgotten.

# %%
default = {name: lesson.method(name).default_learning_rate(base.card) for name in ("full", "lora", "prompt")}
short = exact | {"steps": 6, "evaluate_every": 6, "sample_every": 6, "learning_rate": 3 * default["full"]}
[theirs] = lesson.race(budget.model, "describe", ["full"], tell=None, **short)
ours, losses = by_hand(0, short["learning_rate"], steps=6)
assert math.isclose(losses[0], theirs.history.losses[0][1], rel_tol=1e-4)
for loss, (_, wanted) in zip(losses, theirs.history.losses, strict=True):
    assert math.isclose(loss, wanted, rel_tol=0.01)  # rounding grows from step to step
forgotten = measured(ours, old) - before
assert math.isclose(forgotten, theirs.history.forgotten, rel_tol=0.05)
print(f"after 6 steps {forgotten:.4f} nats are forgotten; the package says {theirs.history.forgotten:.4f}")

# %% [markdown]
# ## From scratch: three remedies
#
# **Rehearsal** needs old texts. Either they are at hand, as the pocket world is, or the base writes them.

# %%
count = 4 * steps  # four in each step
start = prompt_ids("", base.tokenizer)
written, end, most = [], base.tokenizer.eos_token_id, longest // 2
while len(written) < count:
    # from one seed equal prompts get equal texts, sixty-four at a time
    writing = Writing(most, temperature=1.0, seed=1 + len(written), positions=base.card.positions)
    written += write(base.model, base.tokenizer, [start] * 64, writing)
ended = [[*ids, end] if len(ids) < most else ids for ids in written]
texts = {"its own texts": [Encoded((*start, *ids), (*[-100] * len(start), *ids)) for ids in ended]}
if is_pocket:
    from workbench.pocket.corpus import documents

    found = documents(1, count)  # from the stream that the base was trained on
    texts["old texts"] = [encode(Record("", document.text), base.tokenizer, longest) for document in found]


def rehearsal(kind):
    """The loss on four texts of this kind, others in each step."""
    return lambda model, step: loss_on(model, texts[kind][4 * step : 4 * step + 4]).mean()


# %% [markdown]
# **Pulling back.** Half the squared distance from the base, times a strength. EWC counts each weight's distance by how
# much the old loss depends on that weight: the mean square of its gradient over old texts, here those that the base
# wrote. This estimates the diagonal of the Fisher information. We divide it by its mean, so that both pulls have the
# same scale.


# %%
def importance(examples):
    """For each weight the mean square of its gradient, over these texts; 1 on average."""
    model = copy.deepcopy(base.model).requires_grad_(True)
    squares = [torch.zeros_like(weight) for weight in model.parameters()]
    for example in examples:
        model.zero_grad()
        loss_on(model, [example]).mean().backward()
        for square, weight in zip(squares, model.parameters(), strict=True):
            square += weight.grad**2
    mean = sum(float(square.sum()) for square in squares) / base.card.parameters
    return [square / mean for square in squares]


def pull(strength, weights):
    """Half the squared distance from the base, each weight counted as `weights` say, times the strength."""
    return lambda model, step: sum(
        strength / 2 * (weight * (tuned - frozen) ** 2).sum()
        for weight, tuned, frozen in zip(weights, model.parameters(), base.model.parameters(), strict=True)
    )


# %% [markdown]
# **Mixing weights** comes after the training, and costs none.


# %%
def between(model, alpha):
    """The model whose weights lie between the base's (alpha 0) and the tuned model's (alpha 1)."""
    mixed = copy.deepcopy(base.model)
    with torch.no_grad():
        for weight, tuned in zip(mixed.parameters(), model.parameters(), strict=True):
            weight.lerp_(tuned, alpha)  # weight + alpha * (tuned - weight)
    return mixed


# %% [markdown]
# **Check 3.** At 0 it is the base and at 1 the tuned model, whose figures are the package's. A pull is nothing at the
# base, and with all weights alike it is the plain squared distance.

# %%
assert measured(between(ours, 0), old) == before
assert measured(between(ours, 1), old) == measured(ours, old)
assert math.isclose(measured(between(ours, 1), new), theirs.history.evaluations[-1][1], rel_tol=0.01)
alike = [torch.ones_like(weight) for weight in base.model.parameters()]
flat, flat_base = (torch.nn.utils.parameters_to_vector(model.parameters()) for model in (ours, base.model))
assert pull(1.0, alike)(base.model, 0) == 0
torch.testing.assert_close(pull(1.0, alike)(ours, 0), (flat - flat_base).square().sum() / 2, rtol=1e-3, atol=0)

# %% [markdown]
# ## The race
#
# Four ways of tuning, at up to three rates each. Same batches for all, three seeds.

# %%
slow, fast = default["full"], default["lora"]
middle, prompt = 3 * slow, default["prompt"]
rates = {"full": (slow, middle, fast), "lora": (slow, middle, fast)}
rates |= {"adapter": (middle, fast), "prompt": (prompt,)}
if budget.name == "test":
    rates["adapter"] = (fast,)
runs = []
for rate in sorted({rate for some in rates.values() for rate in some}):
    methods = [name for name, some in rates.items() if rate in some]
    found = lesson.race(budget.model, "describe", methods, budget.seeds, learning_rate=rate, **training)
    at = f", {rate:.1g}"
    runs += [replace(run, label=run.label + at, group=run.group + at) for run in found]

# %%
lesson.table(runs)

# %% [markdown]
# One picture says more: forgetting against the loss on the new task. Good is down and to the left. One way of tuning is
# better than another only where its line lies below the other's; at which *point* of its line it stands is a matter of
# its rate.


# %%
def plane(runs):
    """For each group of runs the mean forgetting and the mean held-out loss."""
    losses = lesson.losses(runs)
    return {
        name: (fmean(run.history.forgotten for run in runs if run.group == name), fmean(values))
        for name, values in losses.items()
    }


def drawn(figure, name, points):
    """A line through the points of one way of tuning."""
    x, y = zip(*points, strict=True)
    return figure.add_scatter(x=x, y=y, name=name, mode="lines+markers")


picture = go.Figure()
for method in rates:
    drawn(picture, method, [point for name, point in plane(runs).items() if name.startswith(f"{method},")])
picture.update_xaxes(type="log", title="forgetting, nats per token", exponentformat="power")
picture.update_yaxes(title="held-out loss of the new task, nats per token")

# %% [markdown]
# ## The remedies
#
# All at full tuning's middle rate, where it learns best here and forgets much. The strengths of the two pulls were
# chosen with seed 0, so that both forget about alike on the pocket model.

# %%
needed = importance(texts["its own texts"][:64])
terms = {"nothing": None, "pull": pull(0.005, alike), "elastic": pull(0.01, needed)}
terms |= {f"rehearsal, {kind}": rehearsal(kind) for kind in texts}
tuned, reached = {}, {}
for seed in budget.seeds:
    for name, term in terms.items():
        model, _ = by_hand(seed, middle, further=term)
        reached[name, seed] = measured(model, new), measured(model, old)
        if name == "nothing":
            tuned[seed] = model
    for alpha in (0.9, 0.8, 0.7, 0.5):
        mixed = between(tuned[seed], alpha)
        reached[f"mixed, {alpha}", seed] = measured(mixed, new), measured(mixed, old)
    hurried, _ = by_hand(seed, middle, steps // 3)
    reached["a third of the steps", seed] = measured(hurried, new), measured(hurried, old)


# %%
def shown(name, seed, loss, loss_on_old):
    """A run of our own as the tables and pictures take it."""
    like = next(run for run in runs if (run.group, run.seed) == (f"full, {middle:.1g}", seed))
    points = {"evaluations": [(steps, loss)], "base_losses": [(steps, loss_on_old)]}
    history = History(name, state="finished", untouched=before, **points)
    return replace(like, label=f"{name}, seed {seed}", group=name, history=history)


remedies = [shown(name, seed, *losses) for (name, seed), losses in reached.items()]
spread = lesson.table(remedies).rows  # method, % trained, held-out loss, score, forgetting, seconds
lesson.Grid(("remedy", "held-out loss", "forgetting"), tuple((row[0], row[2], row[4]) for row in spread))

# %% [markdown]
# Is a remedy worth its trouble? The lowest rate is a remedy too, and costs nothing. So a remedy has to lie below full
# tuning's line.

# %%
picture = go.Figure()
drawn(picture, "full, three rates", [point for name, point in plane(runs).items() if name.startswith("full,")])
line = {name: point for name, point in plane(remedies).items() if name.startswith(("mixed", "nothing"))}
drawn(picture, "mixed weights", sorted(line.values()))
for name, point in plane(remedies).items():
    if name not in line:
        drawn(picture, name, [point])
picture.update_xaxes(type="log", title="forgetting, nats per token", exponentformat="power")
picture.update_yaxes(title="held-out loss of the new task, nats per token")

# %% [markdown]
# ## What is lost
#
# The pocket world has eight kinds of documents, so one can see where the loss rises. (Of another base we have no such
# texts, and this table stays away.)

# %%
lost = {}
if is_pocket:
    from workbench.pocket.corpus import HELD_OUT_SEED, SHARES

    for kind in SHARES:
        found = documents(HELD_OUT_SEED, 24, kinds=[kind])
        examples = [encode(Record("", document.text), base.tokenizer, longest) for document in found]
        start_loss = measured(base.model, examples)
        after = [measured(tuned[seed], examples) for seed in budget.seeds]
        lost[kind] = [loss - start_loss for loss in after]
lesson.Grid(
    ("kind of text", *(f"forgotten, seed {seed}" for seed in budget.seeds)),
    tuple((kind, *(f"{value:.3f}" for value in values)) for kind, values in lost.items()),
)

# %%
print("my guess:", my_guess)

# %% [markdown]
# ## What to see
#
# This holds for every seed. At one and the same rate LoRA forgets less than full tuning; each at its own rate it
# forgets more. A higher rate forgets more, whatever is tuned.

# %%
forgot = {(run.group, run.seed): run.history.forgotten for run in [*runs, *remedies]}
for seed in budget.seeds:
    of = {(name, rate): forgot[f"{name}, {rate:.1g}", seed] for name, some in rates.items() for rate in some}
    for rate in rates["full"]:
        assert of["lora", rate] < of["full", rate]
    assert of["lora", fast] > of["full", slow]
    for name in ("full", "lora", "adapter"):
        assert all(of[name, lower] < of[name, higher] for lower, higher in pairwise(rates[name]))

# %% [markdown]
# Each remedy forgets less than no remedy at the same rate, and the further one goes back to the base, the less. And
# facts, which tell of children as the new task does, lose more than stories, English stories more than Spanish ones.

# %%
for place, seed in enumerate(budget.seeds):
    path = [forgot[name, seed] for name in ("mixed, 0.5", "mixed, 0.7", "mixed, 0.8", "mixed, 0.9", "nothing")]
    assert path == sorted(path)
    assert all(forgot[name, seed] < forgot["nothing", seed] for name in terms.keys() - {"nothing"})
    if is_pocket:
        assert lost["facts"][place] > lost["english story"][place] > lost["spanish story"][place]

# %% [markdown]
# On the pocket model (150 steps, three seeds, 64 held-out examples, mean ± standard deviation in nats per token):
#
# | | rate | held-out loss | forgetting |
# |---|---|---|---|
# | full | 0.001, its own | 0.851 ± 0.025 | 0.156 ± 0.012 |
# | full | 0.003 | 0.799 ± 0.015 | 0.910 ± 0.076 |
# | full | 0.01 | 0.816 ± 0.007 | 7.821 ± 0.741 |
# | LoRA | 0.001 | 1.174 ± 0.008 | 0.101 ± 0.007 |
# | LoRA | 0.003 | 0.899 ± 0.017 | 0.297 ± 0.042 |
# | LoRA | 0.01, its own | 0.825 ± 0.011 | 0.975 ± 0.163 |
# | adapter | 0.003, its own | 0.957 ± 0.010 | 0.591 ± 0.126 |
# | prompt | 0.1, its own | 1.866 ± 0.039 | 1.491 ± 0.169 |
# | full, elastic | 0.003 | 0.807 ± 0.011 | 0.084 ± 0.004 |
# | full, rehearsal of its own texts | 0.003 | 0.801 ± 0.008 | 0.099 ± 0.005 |
# | full, rehearsal of old texts | 0.003 | 0.808 ± 0.014 | 0.085 ± 0.012 |
# | full, plain pull | 0.003 | 0.830 ± 0.017 | 0.115 ± 0.022 |
# | full, mixed, 0.7 | 0.003 | 0.834 ± 0.007 | 0.324 ± 0.070 |
# | full, a third of the steps | 0.003 | 0.979 ± 0.110 | 0.531 ± 0.095 |
#
# - *What learns forgets.* **Shows.** And what stands close to the new task is lost first: facts about children before
#   stories, English before Spanish.
# - *LoRA learns less and forgets less, each at its own rate.* **Does not show here.** It learns a little more (0.825
#   against 0.851) and forgets six times as much. At the *same* rate it does forget less, and learn less. Both hang on
#   the rate, and the rates are ours.
# - *Both lie on one curve.* **Does not show here.** Full tuning's line lies below LoRA's: at 0.001 it has less loss
#   *and* less forgetting than LoRA at 0.003. Biderman et al. tuned 7 billion numbers for billions of tokens.
# - *A soft prompt forgets nothing, since no weight moves?* It forgets more than most. With the prompt in front the old
#   texts are as strange as with other weights. But take it away, and all is there again.
# - *Rehearsal helps.* **Shows.** A tenth of the forgetting, for at most 0.02 nats. Texts that the base wrote itself do
#   it nearly as well as the old ones. They cost time: four more texts in each step.
# - *Hold the weights that the old task needs.* **Shows.** As good as rehearsal, and no old text is needed while
#   training. That *which* weight matters helps: with all alike, the same forgetting costs more loss.
# - *Go back part of the way.* **In part.** It gives a choice afterwards, at no cost, but its line is close to that of
#   lower rates. Wortsman et al. mixed to keep what CLIP does with other photos, not the loss on old data.
#
# So of these, rehearsal and elastic weights are worth their trouble: each has less loss *and* less forgetting than full
# tuning at a third of the rate. Their strength was chosen on seed 0 with the old texts in sight, which flatters them a
# little.
#
# ## Exercises
#
# **1.** What is there to lose at most? Suppose that a model has forgotten everything, so that it gives every token of
# GPT-2's vocabulary the same probability. What is its loss, in nats per token? (Some runs here end *above* what this is
# for the pocket model: they have learned to be sure of something else.)

# %%
nats = ...  # your answer
# BEGIN SOLUTION
nats = math.log(50257)
# END SOLUTION

# %%
check.close("forgetting.uniform", nats)

# %% [markdown]
# **2.** A LoRA of rank 8 was trained with `alpha=32` and merged: its matrix is `W + (32 / 8) B A`. Mix this with the
# base's, a quarter of the way from the base (`between(model, 0.25)`). Which `alpha` would have given the same matrix,
# with the same A and B?

# %%
alpha = ...  # your answer
# BEGIN SOLUTION
alpha = 0.25 * 32
# END SOLUTION

# %%
check.close("forgetting.mixed_lora", alpha)

# %% [markdown]
# **3.** A point of the plane is beaten where another one has both less loss and less forgetting. How many points of
# your race are not beaten by any? (`plane(runs)` has them all.)

# %%
front = ...  # your answer
# BEGIN SOLUTION
points = plane(runs).values()
beaten = [any(other[0] < point[0] and other[1] < point[1] for other in points) for point in points]
front = beaten.count(False)
# END SOLUTION

# %%
check.close("forgetting.front", front, runs)

# %% [markdown]
# **Open question.** You are to tune a model whose old data nobody has. It must go on doing what it could, but nobody
# can say exactly what that was. How do you measure what it forgets, and which remedies are left to you?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# Measure on texts that the base writes itself, and on public tasks that it did well before; both miss what they do not
# ask for. Without old data: a low rate, mixing the weights, a pull, rehearsal with the base's own texts. Or LoRA and
# adapters, kept beside the base and switched off for everything but the task, so that nothing is lost there at all.
# <!-- END SOLUTION -->
