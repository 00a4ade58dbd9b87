# %% [markdown]
# # 05 · Words, then soft prompts
#
# **The question.** Tell the model what to do instead of changing it: first with words, then with vectors that are
# learned in the place of words. How far does that go?

# %%
import torch

from workbench.lessons import check, lesson
from workbench.tasks import TASKS
from workbench.tasks.contract import Record
from workbench.tasks.encode import encode
from workbench.views.findings import findings

budget = lesson.budget()
base = lesson.load_base(budget.model)
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# - *Words.* A large model can do a task from a few examples in its prompt; nothing is trained (Brown et al. 2020,
#   [arXiv:2005.14165](https://arxiv.org/abs/2005.14165)).
# - *Prompt tuning.* Put a few learned vectors before the text and freeze the rest. With T5 this beats examples in the
#   prompt of GPT-3 by far, falls short of full tuning in small models, and matches it beyond billions of parameters.
#   Small models do better when the vectors start as words than at random (Lester et al. 2021,
#   [arXiv:2104.08691](https://arxiv.org/abs/2104.08691)).
# - *It takes many more steps than full tuning* (Su et al. 2021, [arXiv:2111.06719](https://arxiv.org/abs/2111.06719)).
# - *P-tuning.* Let a small network, an MLP or an LSTM, write the vectors: vectors that learn directly are unstable and
#   can end much worse (Liu et al. 2021, [arXiv:2103.10385](https://arxiv.org/abs/2103.10385)).
#
# ## Predict before you run

# %%
my_guess = {
    "two examples in the prompt help the untuned model": "?",  # yes or no
    "a soft prompt goes so many percent of the way from no tuning to full tuning": "?",
    "a soft prompt that starts as words ends lower than one that starts at random": "?",  # yes or no
}

# %% [markdown]
# ## From scratch: words
#
# A prompt with examples is only text: each example as the model shall write it, an empty line, then the question.

# %%
task = TASKS["describe"]()
shown = task.records("train", 2, 0)  # two examples, of seed 0
worked = "".join(f"{example.prompt}{example.target}\n\n" for example in shown)
questions = task.records("evaluation", budget.evaluation_examples, 0)
print(worked + questions[0].prompt)

# %% [markdown]
# **Check 1.** The loss of the untuned model behind these two examples, by hand and from the package.


# %%
@torch.no_grad()
def loss_behind(words):
    """Mean loss on the answers in nats per token, with the same words before every question."""
    total = tokens = 0
    for question in questions:
        example = encode(Record(words + question.prompt, question.target), base.tokenizer, max_length=224)
        ids, labels = torch.tensor([example.ids]), torch.tensor(example.labels[1:])
        logits = base.model(ids).logits[0, :-1]  # (time - 1, vocab)
        total += float(torch.nn.functional.cross_entropy(logits, labels, ignore_index=-100, reduction="sum"))
        tokens += int((labels != -100).sum())
    return total / tokens


exact = budget.training | {"precision": "float32", "max_length": 224, "metric_examples": 0}
words = lesson.race(budget.model, "describe", ["none", "none:examples=2"], tell=None, **exact)
for method, before in (("none", ""), ("none:examples=2", worked)):
    by_hand, [by_package] = loss_behind(before), lesson.losses(words)[method]
    assert abs(by_hand - by_package) < 1e-3, (by_hand, by_package)
    print(f"{method:16} {by_hand:.3f} nats per token")

# %% [markdown]
# ## From scratch: vectors in the place of words
#
# The model turns every word into a vector and reads on from there. So we may hand it vectors that belong to no word.


# %%
class ScratchPrompt(torch.nn.Module):
    """A frozen model that reads learned vectors before every text: y = f([P; E(x)])."""

    def __init__(self, model, start):
        super().__init__()
        self.model = model
        self.P = torch.nn.Parameter(start.detach().clone())  # (virtual tokens, width)

    def forward(self, ids):
        embedded = self.model.get_input_embeddings()(ids)  # (batch, time, width)
        before = self.P.expand(len(ids), -1, -1)  # the same vectors for each text of the batch
        logits = self.model(inputs_embeds=torch.cat([before, embedded], dim=1)).logits
        return logits[:, len(self.P) :]  # what it says at the vectors themselves is of no use


# %% [markdown]
# **Check 2.** Vectors that start as words are words: the model answers as if it had read them.

# %%
text = "Do the task as shown in the examples."
ids = torch.tensor([base.tokenizer.encode("Mia has a brown dog.")])
told = torch.tensor(base.tokenizer.encode(text, add_special_tokens=False))
ours = ScratchPrompt(base.model, base.model.get_input_embeddings()(told))
with torch.no_grad():
    read = base.model(torch.cat([told[None], ids], dim=1)).logits[:, len(told) :]
    torch.testing.assert_close(ours(ids), read, rtol=1e-4, atol=1e-4)
print(f"{len(told)} vectors of {ours.P.shape[1]} numbers stand for: {text}")

# %% [markdown]
# **Check 3.** Only the vectors get a gradient. And there are as many numbers as the package counts.

# %%
ours(ids).logsumexp(-1).sum().backward()
assert ours.P.grad.abs().min() > 0
assert all(parameter.grad is None for parameter in base.model.parameters())
counted = lesson.anatomy(budget.model, f"prompt:virtual_tokens={len(told)}")
assert ours.P.numel() == counted.trainable
print(f"{ours.P.numel():,} numbers move: {counted.percent:.2f} % of all")

# %% [markdown]
# **Check 4.** With the same vectors the package's `prompt` gives the same answers, wherever they start.

# %%
for choice in ("prompt", "prompt:start=random", f"prompt:start=text:text={text}"):
    theirs = lesson.tune(base, choice).model
    ours = ScratchPrompt(base.model, theirs.prompt_encoder["default"].embedding.weight)
    with torch.no_grad():
        torch.testing.assert_close(ours(ids), theirs(ids).logits[:, len(ours.P) :], rtol=1e-4, atol=1e-4)
    print(f"{choice:62} {tuple(ours.P.shape)}")

# %% [markdown]
# **Check 5.** P-tuning: an encoder writes the vectors. After training its output is kept and the encoder thrown away.

# %%
width = base.card.embedding_width or base.card.width
linear = torch.nn.Linear
encoder = torch.nn.Sequential(
    linear(width, width), torch.nn.ReLU(), linear(width, width), torch.nn.ReLU(), linear(width, width)
)
theirs = lesson.tune(base, "p_tuning").model
encoder.load_state_dict(theirs.prompt_encoder["default"].mlp_head.state_dict())
e = theirs.prompt_encoder["default"].embedding.weight  # (virtual tokens, width)
ours = ScratchPrompt(base.model, encoder(e))
with torch.no_grad():
    torch.testing.assert_close(ours(ids), theirs(ids).logits[:, len(ours.P) :], rtol=1e-4, atol=1e-4)
counted = lesson.anatomy(budget.model, "p_tuning")
assert counted.trainable == e.numel() + sum(parameter.numel() for parameter in encoder.parameters())
assert counted.checkpoint_bytes == 4 * ours.P.numel()
print(f"{counted.trainable:,} numbers move in training, {ours.P.numel():,} are kept")

# %% [markdown]
# ## The race
#
# Words, vectors and encoders beside full tuning: same batches, three seeds. `prompt` starts from the vectors of random
# words, `prompt:start=random` from noise as spread out as the words are.

# %%
methods = ["none", "none:examples=2", "full", "prompt", "prompt:start=random", "p_tuning", "p_tuning:encoder=lstm"]
runs = lesson.race(budget.model, "describe", methods, seeds=budget.seeds, **budget.training)

# %%
lesson.figure("curves", runs)

# %%
lesson.table(runs)

# %%
print("my guess:", my_guess)
print(*findings(runs), sep="\n")

# %% [markdown]
# Is a soft prompt slow, or is it at its end? Twice the steps:

# %%
longer = budget.training | {"steps": 2 * budget.steps, "evaluate_every": budget.steps, "metric_examples": 0}
long_runs = lesson.race(budget.model, "describe", ["prompt"], seeds=budget.seeds, **longer)

# %%
losses = lesson.losses(runs)
more_steps = lesson.losses(long_runs)["prompt"]
print(f"prompt, {budget.steps} steps:", [round(loss, 3) for loss in losses["prompt"]])
print(f"prompt, {2 * budget.steps} steps:", [round(loss, 3) for loss in more_steps])
print(f"full, {budget.steps} steps:", [round(loss, 3) for loss in losses["full"]])

# %% [markdown]
# ## What to see
#
# This holds for every seed: every soft prompt learns, full tuning is far ahead, and after half of its steps it is
# already lower than a soft prompt after twice as many. Vectors that learn directly end below those that an encoder
# writes.

# %%
halfway = {}
for run in runs:
    halfway[run.label] = [loss for step, loss in run.history.evaluations if step <= budget.steps / 2][-1]
for place, seed in enumerate(budget.seeds):
    of = {method: losses[method][place] for method in methods}
    assert halfway[f"full, seed {seed}"] < more_steps[place] < of["prompt"]
    assert of["full"] < of["prompt"] < min(of["p_tuning"], of["p_tuning:encoder=lstm"])
    assert max(of[method] for method in methods[3:]) < of["none"]

# %% [markdown]
# On the pocket model (150 steps, three seeds, 64 held-out examples, mean ± standard deviation):
#
# | | moved | loss | score |
# |---|---|---|---|
# | no tuning | 0 % | 5.271 | 0 |
# | two examples in the prompt | 0 % | 5.402 ± 0.405 | 0 |
# | full | 100 % | 0.851 ± 0.025 | 0.208 ± 0.036 |
# | prompt, from words | 0.13 % | 1.866 ± 0.039 | 0.074 ± 0.038 |
# | prompt, from noise | 0.13 % | 1.885 ± 0.241 | 0.096 ± 0.032 |
# | P-tuning, MLP | 3.63 % | 2.271 ± 0.102 | 0.048 ± 0.028 |
# | P-tuning, LSTM | 35.8 % | 2.190 ± 0.038 | 0.037 ± 0.014 |
# | prompt, from words, 300 steps | 0.13 % | 1.543 ± 0.004 | |
#
# - *Examples in the prompt do the task.* **Does not show.** Two pairs of examples lower the loss by 0.1, the third
#   raises it by 0.6, and no answer is right. The model is small, and it never read two texts in one row.
# - *Prompt tuning is weak in small models.* **Shows.** It goes three quarters of the way in loss with a thousandth of
#   the numbers, and reaches a third of full tuning's score. Whether the gap closes with scale is the question of
#   lesson 11.
# - *It takes many more steps.* **Shows.** With twice the steps it falls by another 0.3 nats, and is still behind full
#   tuning after half of its steps.
# - *Small models do better from words than from noise.* **In part.** The means are alike. But from noise the seeds
#   differ six times as much: one of the three ends 0.4 above the other two.
# - *An encoder makes it better and steadier.* **Does not show.** Both encoders end 0.3 to 0.4 above the plain vectors,
#   from every seed. The paper sets its vectors among words; here they stand alone, each method at one rate.
#
# ## Exercises
#
# **1.** T5 XXL is 4096 wide and has 11,135,332,352 numbers. A copy of it that is tuned in full takes that much room for
# one task. How many tasks have room in it as soft prompts of 100 vectors each?

# %%
tasks = ...  # your answer
# BEGIN SOLUTION
tasks = 11_135_332_352 / (100 * 4096)
# END SOLUTION

# %%
check.close("prompts.tasks", tasks)

# %% [markdown]
# **2.** From no tuning to full tuning is a way of so many nats. Which fraction of it does `prompt` go in your race, on
# average over the seeds? Take the means from `losses`.

# %%
share = ...  # your answer
# BEGIN SOLUTION
untuned, tuned, prompted = (sum(losses[method]) / len(budget.seeds) for method in ("none", "full", "prompt"))
share = (untuned - prompted) / (untuned - tuned)
# END SOLUTION

# %%
check.close("prompts.share", share, runs)

# %% [markdown]
# **3.** Put the vectors *behind* the question instead, just before the answer. A causal model never looks ahead. Which
# of these would then be read without them: "the question", "the answer" or "both"?

# %%
read_without = ...  # your answer
# BEGIN SOLUTION
read_without = "the question"
# END SOLUTION

# %%
check.choice("prompts.read_without", read_without)

# %% [markdown]
# **Open question.** A soft prompt moves no weight of the model. And yet the table shows that it *forgets*. What is
# measured there, and how would you get the old model back?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# Measured is the loss on the base's own stories with the vectors before them: they pull every text towards the task.
# Leave the vectors out and the base is back, to the last bit. Other small methods can be switched off as well; full
# tuning cannot, unless one keeps the old weights.
# <!-- END SOLUTION -->
