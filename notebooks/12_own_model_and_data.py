# %% [markdown]
# # 12 · A model and data of one's own
#
# **The question.** How does one bring a model and data of one's own, and what must be looked at before a number means
# anything?

# %%
import copy
import csv
import math
import random
import re
import tempfile
from dataclasses import replace
from itertools import product
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from workbench.errors import WorkbenchError
from workbench.lessons import check, lesson
from workbench.methods.artifact import save_artifact
from workbench.methods.peft_models import without_idle_warnings
from workbench.tasks.encode import encode
from workbench.tasks.own_file import OwnFile
from workbench.tasks.token_view import look

budget = lesson.budget()
base = lesson.load_base(budget.model)
print(f"budget {budget.name}: {budget.model}, {budget.steps} steps, seeds {budget.seeds}")

# %% [markdown]
# ## The claim
#
# - *Copies leak.* Text that stands in training and in the held-out set flatters a model. It is found in over 4 % of the
#   validation set of standard datasets; without it an evaluation is more accurate (Lee et al. 2021,
#   [arXiv:2107.06499](https://arxiv.org/abs/2107.06499)).
# - *The tokenizer has to fit.* In nine languages, a tokenizer made for the language matters as much as the size of the
#   pretraining data (Rust et al. 2020, [arXiv:2012.15613](https://arxiv.org/abs/2012.15613)). One sign is *fertility*:
#   tokens per word.
#
# ## Predict before you run

# %%
my_guess = {
    "of ten held-out notes so many have a copy among the training notes": "?",
    "a word that the base never saw takes so many tokens": "?",
    "copies lower the held-out loss by so many percent": "?",
}

# %% [markdown]
# ## Data of one's own
#
# We make up a repair shop. A job has a note, and a letter that goes to the customer. Each job is noted four times, in
# four forms. Day, shelf and price stand in no note.

# %%
WORDS = {
    "item": "drill sander lathe welder mower planer router jigsaw grinder compressor generator chainsaw",
    "part": "chuck bearing blade valve motor switch belt gasket",
    "fault": "jammed cracked worn bent loose leaking burnt rusty",
    "name": "Okafor Lindqvist Moreau Haddad Novak Tanaka Petrov Silva Keller Dubois Rossi Yilmaz",
}
NOTES = (
    "{item}, {part} {fault}, {name}",
    "{name}: {item}, {part} {fault}",
    "{item} / {part} {fault} / {name}",
    "{item} ({name}): {part} {fault}.",
)
LETTER = (
    "Dear {name}, the {part} of your {item} is {fault}. "
    "Fetch it on {day} from shelf {shelf}; it costs {price} euros."
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


# %%
def shop(words, jobs):
    """Rows (job, note, letter), four a job; no two jobs have the same item, part, fault and name."""
    rng = random.Random(12)
    every = list(product(*(listed.split() for listed in words.values())))
    rows = []
    for job, values in enumerate(rng.sample(every, jobs)):
        facts = dict(zip(words, values, strict=True))
        facts |= {"day": rng.choice(DAYS), "shelf": rng.randint(1, 9), "price": rng.randint(10, 99)}
        rows += [(str(job), note.format(**facts), LETTER.format(**facts)) for note in NOTES]
    return rows


def save(name, rows):
    """Write the rows as CSV into our folder and return the path."""
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("job", "note", "letter"), *rows])
    return folder / name


# %%
place = tempfile.TemporaryDirectory()
folder = Path(place.name)
asked = 8 if budget.name == "test" else 32  # rows that the races will hold out
rows = shop(WORDS, jobs=4 * asked)
export = save("export.csv", [*rows, *rows[:8]])  # the first rows were saved twice
print(*export.read_text(encoding="utf-8").splitlines()[:5], sep="\n")

# %% [markdown]
# The task `own_file` reads it. It takes CSV and TSV, JSONL (also chats, `{"messages": [...]}`), and plain text, which
# is cut into passages. Its knobs are `path`, `prompt_column`, `target_column`, and for text `passage_characters`.
# Columns are guessed only where there is no doubt. What cannot be read is refused in one sentence.


# %%
def said(path, **knobs):
    """What the task tells about a file, or the sentence that refuses it."""
    try:
        return " ".join(OwnFile(path=str(path), **knobs).notes())
    except WorkbenchError as error:
        return f"Refused: {error}"


print(said(export))
print(said(export, prompt_column="notes", target_column="letter"))
print(said(export, prompt_column="note", target_column="letter"))

# %%
broken = {
    "short.csv": "note,letter\ndrill,Dear Okafor\nsander\n",
    "quote.csv": 'note,letter\n"drill,Dear Okafor\n',
    "list.json": '[{"note": "drill", "letter": "Dear Okafor"}]',
    "empty.jsonl": '{"note": "drill", "letter": ""}\n{"note": "sander", "letter": "Dear Novak"}\n',
    "book.csv": "PK\x03\x04",  # how a spreadsheet's own file begins
}
for name, text in broken.items():
    (folder / name).write_text(text, encoding="utf-8")
    print(answer := said(folder / name))
    assert answer.startswith("Refused")

# %% [markdown]
# ## From scratch: what is learned
#
# The model reads the note and shall write the letter. So only the letter counts in the loss: every other label is -100,
# which torch's cross-entropy passes over. What is too long loses the start of its prompt first, then the end of its
# target.


# %%
def scratch_encode(record, tokenizer, longest):
    """Token ids and labels of start, prompt, target and end, at most so many; -100 is not learned."""
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    prompt = tokenizer.encode(record.prompt, add_special_tokens=False)
    target = [*tokenizer.encode(record.target, add_special_tokens=False), tokenizer.eos_token_id]
    too_many = max(0, len(start + prompt + target) - longest)
    prompt = prompt[too_many:]
    target = target[: longest - len(start + prompt)]
    return start + prompt + target, [-100] * len(start + prompt) + target


def letter_losses(model, ids, labels):
    """Nats of each learned token, (targets,): the logits at one place predict the token at the next."""
    logits = model(input_ids=torch.tensor([ids])).logits[0, :-1]  # (time - 1, vocab)
    wanted = torch.tensor(labels[1:])
    losses = torch.nn.functional.cross_entropy(logits, wanted, ignore_index=-100, reduction="none")
    return losses[wanted != -100]


# %% [markdown]
# **Check 1.** It is the package's `encode`, whole or cut.


# %%
def own(path):
    """A file of ours as a task."""
    return OwnFile(path=str(path), prompt_column="note", target_column="letter")


train, held_out = (own(export).records(split, 0, seed=0) for split in ("train", "evaluation"))
for record in (*train, *held_out):
    for longest in (256, 40, 12):
        theirs = encode(record, base.tokenizer, longest)
        assert scratch_encode(record, base.tokenizer, longest) == (list(theirs.ids), list(theirs.labels))
ids, labels = scratch_encode(train[0], base.tokenizer, 256)
border = labels.count(-100)
print("read:   ", base.tokenizer.convert_ids_to_tokens(ids[:border]))
print("learned:", base.tokenizer.convert_ids_to_tokens(labels[border:]))

# %% [markdown]
# ## Look before you train
#
# *Lengths and repeats.* How long are the examples, does the limit cut a letter, does a row come twice? **Check 2.** By
# hand, and by the package.

# %%
records = [*train, *held_out]
lengths = [len(scratch_encode(record, base.tokenizer, 10**6)[0]) for record in records]
repeats = len(records) - len(set(records))
report = look(records, base.tokenizer, max_length=256)
assert (report.longest, report.tokens, report.duplicates) == (max(lengths), sum(lengths), repeats)
assert repeats == own(export).reading().duplicates == 8 and report.cut_targets == 0
print(*report.sentences(), sep="\n")
print("With a limit of 40:", *look(records, base.tokenizer, max_length=40).sentences()[1:])

# %% [markdown]
# *Copies.* The package holds out by prompt, so equal notes never stand on both sides. But it cannot know that "drill,
# chuck worn, Novak" and "Novak: drill, chuck worn" are one job. **Check 3.** We call notes with the same words copies;
# the table's job numbers agree.


# %%
def same_words(note):
    """What the copies of a note have in common."""
    return frozenset(re.findall(r"\w+", note.casefold()))


def with_copy(learned, held):
    """The held-out records of which training has a copy."""
    there = {same_words(record.prompt) for record in learned}
    return [record for record in held if same_words(record.prompt) in there]


job_of = {same_words(note): job for job, note, _ in rows}
assert len(job_of) == 4 * asked and all(job_of[same_words(note)] == job for job, note, _ in rows)
assert not {record.prompt for record in train} & {record.prompt for record in held_out}
print(f"{len(with_copy(train, held_out))} of {len(held_out)} held-out notes have a copy among the training notes")
assert len(with_copy(train, held_out)) > 0.9 * len(held_out)

# %% [markdown]
# What do copies do? We write two files with as many rows each, as many jobs, and the *same* rows held out. In the leaky
# one, copies of the held-out notes are among the training rows; in the clean one other jobs stand in their place. The
# package holds out the tenth of the prompts whose hash is lowest. So a file that has the lowest of all, and nine times
# as many others, holds out exactly those.


# %%
def two_files(name, words):
    """Paths of a clean and a leaky file with the same held-out rows, and training rows of as many jobs."""
    rows = shop(words, jobs=4 * asked)
    lowest = own(save(f"{name}.csv", rows)).records("evaluation", asked, seed=0)
    notes = {record.prompt.strip() for record in lowest}
    by_job = {rows[first][0]: rows[first : first + 4] for first in range(0, len(rows), 4)}
    leaking = [job for job, noted in by_job.items() if any(note in notes for _, note, _ in noted)]
    spare = [job for job in by_job if job not in leaking]
    copies, instead = [], []
    for job, other in zip(leaking, spare, strict=False):
        for row, other_row in zip(by_job[job], by_job[other], strict=True):
            if row[1] not in notes:
                copies.append(row)
                instead.append(other_row)
    kept = [row for row in rows if row[1] in notes]
    rest = [row for job in spare[len(leaking) :] for row in by_job[job]][: 9 * asked - len(copies)]
    return save(f"{name}-clean.csv", kept + instead + rest), save(f"{name}-leaky.csv", kept + copies + rest)


# %%
clean_file, leaky_file = two_files("shop", WORDS)
learned, held = (own(clean_file).records(split, 0, seed=0) for split in ("train", "evaluation"))
learned_too, held_too = (own(leaky_file).records(split, 0, seed=0) for split in ("train", "evaluation"))
assert held == held_too and len(held) == asked
assert len(learned) == len(learned_too) == 9 * asked
assert with_copy(learned, held) == [] and len(with_copy(learned_too, held)) == asked

# %% [markdown]
# *Tokens per word.* The same shop once more, in words of the base's own world: each word has its counterpart.

# %%
KNOWN = {
    "item": "ball kite drum doll robot puppet flute boat scarf bell basket coat",
    "part": "box door wheel head hand key ring bag",
    "fault": "red blue green yellow white black pink brown",
    "name": "Mia Ana Sara Eva Nora Emma Tom Leo Hugo Max Ben Pablo",
}
known_file, _ = two_files("toys", KNOWN)


def fertility(tokenizer, words):
    """Tokens per word, each word read with a blank before it."""
    listed = " ".join(words.values()).split()
    return sum(len(tokenizer.encode(f" {word}", add_special_tokens=False)) for word in listed) / len(listed)


print(f"tokens per word: {fertility(base.tokenizer, WORDS):.2f} and {fertility(base.tokenizer, KNOWN):.2f}")
if budget.model.startswith("pocket"):
    assert fertility(base.tokenizer, KNOWN) == 1 < fertility(base.tokenizer, WORDS)

# %% [markdown]
# *What nobody can know.* Day, shelf and price are drawn evenly from 5, 9 and 90 values. Who knows all but those still
# pays ln 5 + ln 9 + ln 90 nats a letter, on average over many letters. This is the floor. A loss clearly below it has
# one explanation: the model has seen the letters.


# %%
def tokens_a_letter(path, tokenizer):
    """Learned tokens per held-out letter of a file."""
    seen = look(own(path).records("evaluation", 0, seed=0), tokenizer, max_length=256)
    return seen.learned_tokens / seen.records


floor = math.log(len(DAYS)) + math.log(9) + math.log(90)
print(f"floor: {floor:.2f} nats a letter, {floor / tokens_a_letter(clean_file, base.tokenizer):.3f} nats per token")

# %% [markdown]
# ## A model of one's own
#
# A model is a folder: `config.json` (its shape), `model.safetensors` (its weights), `tokenizer.json` (how it cuts
# text). transformers writes it. Ours has the base's shape, random weights, and a tokenizer trained on our training rows
# alone.

# %%
texts = [record.prompt + record.target for record in learned]
tokenizer = base.tokenizer.train_new_from_iterator(texts, vocab_size=512)
config = copy.deepcopy(base.model.config)
config.update({"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id})
config.update({"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id})
torch.manual_seed(0)
model_folder = folder / "shop-model"
AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(model_folder)
tokenizer.save_pretrained(model_folder)
print(*sorted(path.name for path in model_folder.iterdir()))
print(f"tokens per word: {fertility(tokenizer, WORDS):.2f} and {fertility(tokenizer, KNOWN):.2f}")

# %% [markdown]
# **Check 4.** The package loads the folder, and counts every method in it without reading a weight. It says what is
# missing, and runs no code that lies in a folder.

# %%
ours = lesson.load_base(str(model_folder))
counted = lesson.anatomy(str(model_folder), "lora")
assert ours.card.parameters == sum(weight.numel() for weight in ours.model.parameters())
assert counted.trainable == sum(weight.numel() for weight in lesson.tune(ours, "lora").movable.values())
aside = (model_folder / "tokenizer.json").rename(folder / "tokenizer.json")
try:
    lesson.load_base(str(model_folder))
except WorkbenchError as error:
    print(f"Refused: {error}".replace(str(folder), "..."))
aside.rename(model_folder / "tokenizer.json")
print(f"{ours.card.family}, {ours.card.parameters:,} numbers; LoRA moves {counted.trainable:,}")

# %% [markdown]
# ## The race
#
# Full tuning and LoRA on the clean file and on the leaky one. Full tuning in the base's words, and of our own model.
# `none` is the base as it is: without it one cannot say what tuning gave.

# %%
training = budget.training | {"sample_every": budget.steps}
if budget.name == "test":
    training |= {"steps": 30, "evaluate_every": 30, "sample_every": 30, "metric_examples": 0}


def raced(name, path, methods, model=budget.model, dash="solid"):
    """Runs on a file of ours, which bear its name."""
    task = f"own_file:path={path}:prompt_column=note:target_column=letter"
    found = lesson.race(model, task, methods, budget.seeds, **training)
    return [
        replace(run, label=f"{run.label}, {name}", group=f"{run.group}, {name}", style=replace(run.style, dash=dash))
        for run in found
    ]


# %%
runs = raced("clean", clean_file, ["none", "full", "lora"])
runs += raced("leaky", leaky_file, ["full", "lora"], dash="dot")
runs += raced("known words", known_file, ["none", "full"])
runs += raced("own model", clean_file, ["full"], model=str(model_folder))

# %%
lesson.figure("curves", [run for run in runs if "clean" in run.label or "leaky" in run.label])

# %%
lesson.table(runs)

# %% [markdown]
# **Check 5.** Our own loss of the untouched base, over the held-out letters, is the race's `none`.

# %%
losses = lesson.losses(runs)
with torch.no_grad():
    each = [letter_losses(base.model, *scratch_encode(record, base.tokenizer, 256)) for record in held]
untouched = float(torch.cat(each).mean())
assert all(
    math.isclose(loss, untouched, rel_tol=0.02) for loss in losses["none, clean"]
)  # the race may compute in bfloat16

# %% [markdown]
# Losses per token cannot be compared where words are cut otherwise: a letter of many tokens has many easy ones. So we
# count nats per letter.

# %%
tokens = {
    "clean": tokens_a_letter(clean_file, base.tokenizer),
    "leaky": tokens_a_letter(leaky_file, base.tokenizer),
    "known words": tokens_a_letter(known_file, base.tokenizer),
    "own model": tokens_a_letter(clean_file, tokenizer),
}
per_letter = {name: [loss * tokens[name.partition(", ")[2]] for loss in found] for name, found in losses.items()}
print("my guess:", my_guess)
shown = [(name, ", ".join(f"{each:.1f}" for each in nats)) for name, nats in per_letter.items()]
lesson.Grid(("method and file", "nats a letter, by seed"), (*shown, ("floor", f"{floor:.1f}")))

# %% [markdown]
# ## What to see
#
# This holds for every seed: tuning helps, copies lower the loss on the very same held-out letters, and known words cost
# less than our own.

# %%
for place_of_seed in range(len(budget.seeds)):
    of = {name: nats[place_of_seed] for name, nats in per_letter.items()}
    for method in ("full", "lora"):
        assert of[f"{method}, leaky"] < of[f"{method}, clean"] < of["none, clean"]
    if budget.model.startswith("pocket"):  # another base may know our words
        assert of["full, known words"] < of["full, clean"]

# %% [markdown]
# On the pocket model (150 steps, 32 held-out letters, three seeds, mean ± standard deviation):
#
# | | nats per token | nats a letter |
# |---|---|---|
# | clean, full | 0.418 ± 0.003 | 20.6 ± 0.2 |
# | clean, LoRA | 0.354 ± 0.010 | 17.5 ± 0.5 |
# | leaky, full | 0.295 ± 0.002 | 14.6 ± 0.1 |
# | leaky, LoRA | 0.302 ± 0.004 | 14.9 ± 0.2 |
# | known words, full | 0.393 ± 0.024 | 15.3 ± 0.9 |
# | own model, full | 0.658 ± 0.015 | 18.4 ± 0.4 |
#
# - *Copies leak.* **Shows.** On the very same letters copies lower the loss of full tuning by 29 % and of LoRA by 15 %.
#   They even turn the ranking round, from every seed: without copies LoRA is ahead, with them full tuning. And they
#   are easy to miss. The package splits by prompt, and still all 51 held-out notes of the export have a copy. No run
#   comes below the floor: a loss clearly below it gives a leak away, one above it proves nothing.
# - *The tokenizer has to fit.* **In part.** In words that the base reads as one token each, a letter costs 5 nats less
#   than in words of 3.6 tokens. But those are also words that the base never saw, and this race cannot tell the two
#   apart. Our own model has a tokenizer that fits and no pretraining at all, and still ends 2.2 nats below full tuning
#   of the base, and 0.9 above LoRA. Each has one learning rate, and letters as regular as these may need little
#   pretraining.
#
# ## Keep what was learned
#
# From the file to a folder that one can give away, by hand: eight letters a step, the mean loss, AdamW. PEFT's own
# `from_pretrained` reads what the package saves.

# %%
tuned = lesson.tune(base, "lora")
rate = lesson.method("lora").default_learning_rate(base.card)
optimizer = torch.optim.AdamW(tuned.movable.values(), lr=rate, weight_decay=0.0)
for step in range(9):
    batch = [scratch_encode(record, base.tokenizer, 256) for record in learned[8 * step : 8 * step + 8]]
    loss = torch.cat([letter_losses(tuned.model, *example) for example in batch]).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {untouched:.2f} before, {float(loss.detach()):.2f} in step {step + 1}")
assert loss < untouched

# %%
save_artifact(tuned, lesson.method("lora"), folder / "letters")
with without_idle_warnings():
    again = PeftModel.from_pretrained(copy.deepcopy(base.model), folder / "letters")
example = scratch_encode(held[0], base.tokenizer, 256)
with torch.no_grad():
    assert torch.equal(letter_losses(again, *example), letter_losses(tuned.model, *example))
for path in sorted((folder / "letters").iterdir()):
    print(f"{path.name:26} {path.stat().st_size:>9,} bytes")

# %% [markdown]
# ## Exercises
#
# **1.** Each letter of a file ends with a number of six digits, drawn at random, which no prompt tells. A letter has 30
# learned tokens. Below which held-out loss, in nats per token, must you suspect a leak?

# %%
suspicious = ...  # your answer
# BEGIN SOLUTION
suspicious = 6 * math.log(10) / 30
# END SOLUTION

# %%
check.close("own_model_and_data.suspicious", suspicious)

# %% [markdown]
# **2.** A prompt has 300 tokens and its target 50. The tokenizer has a start token and an end token, and the limit is
# 256. How many tokens of the prompt does the model get to read?

# %%
remaining = ...  # your answer
# BEGIN SOLUTION
remaining = 256 - 1 - (50 + 1)
# END SOLUTION

# %%
check.close("own_model_and_data.remaining", remaining)

# %% [markdown]
# **3.** A clinic has 20 letters of each of 500 patients. The model shall write letters for patients whom it has never
# seen. How must the letters be held out: "by letter", "by patient" or "by length"?

# %%
held_out_by = ...  # your answer
# BEGIN SOLUTION
held_out_by = "by patient"
# END SOLUTION

# %%
check.choice("own_model_and_data.held_out_by", held_out_by)

# %% [markdown]
# **Open question.** You have 300 notes with letters, and 3,000 notes without. Gururangan et al. 2020
# ([arXiv:2004.10964](https://arxiv.org/abs/2004.10964)) find that it helps to go on pretraining first, on the task's
# own texts without labels. How would you use the 3,000, and how would you find out whether it helps?
#
# *Your answer:*
#
# <!-- BEGIN SOLUTION -->
# First tune on the notes as plain text (`own_file` with a .txt or a column `text`), take that as the base, then tune on
# the pairs. Hold it against tuning on the pairs alone: the same held-out rows, no copies of them in either text, three
# seeds, and for the one without the notes as many steps more, so that time alone does not explain the gain.
# <!-- END SOLUTION -->
