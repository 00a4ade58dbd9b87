"""Examine a base model of the pocket world on fresh samples and questions."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from workbench.pocket import (
    base_domain,
    is_correct_answer,
    judge_python,
    judge_story,
    python_prompts,
    story_prompts,
    sum_questions,
    tracking_questions,
)

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# What the shipped model has to reach; fractions of the fresh samples or questions.
BARS = {
    "english_grammatical": 0.90,
    "english_consistent": 0.95,
    "tracking_exact": 0.85,
    "sums_exact": 0.85,
    "spanish_grammatical": 0.85,
    "python_correct": 0.70,
}
EXAMINATION_SEED = 9_000  # no other part of the project draws from it
# Of sampled stories and snippets; questions are answered greedily. The bars hold at the first, at which programs are
# sampled to be judged one by one (Chen et al. 2021, section 3.3); the second shows what a livelier hand costs.
TEMPERATURE, LIVELY = 0.2, 0.7
LONGEST = 220  # tokens written at most


def examine(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> dict[str, float]:
    """Score a model on `count` fresh items of each kind; fractions, and held-out loss in nats per token."""
    write = _writer(model, tokenizer)
    scores = sampled(model, tokenizer, count, TEMPERATURE)
    tracked = list(tracking_questions(EXAMINATION_SEED, count))
    answers = write([question.prompt for question in tracked], 12, 0.0)
    scores["tracking_exact"] = _exact(answers, [question.answer for question in tracked])
    sums = list(sum_questions(EXAMINATION_SEED, count))
    answers = write([question.prompt for question in sums], 6, 0.0)
    scores["sums_exact"] = _exact(answers, [question.answer for question in sums])
    scores["held_out_loss"] = held_out_loss(model, tokenizer, count)
    return scores


def sampled(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int, temperature: float
) -> dict[str, float]:
    """The scores of what is sampled: stories in both languages, and Python snippets."""
    write = _writer(model, tokenizer)
    scores = _stories(write, "english", count, temperature) | _stories(write, "spanish", count, temperature)
    heads = python_prompts(EXAMINATION_SEED, count)
    snippets = write(heads, 150, temperature)
    judged = [judge_python(head + body) for head, body in zip(heads, snippets, strict=True)]
    return scores | {"python_correct": sum(judged) / count}


def _stories(write: Callable[..., list[str]], language: str, count: int, temperature: float) -> dict[str, float]:
    """Shares of stories: whose sentences all belong to the grammar, that contradict nothing, that differ."""
    openings = story_prompts(EXAMINATION_SEED, count, language)
    stories = [start + rest for start, rest in zip(openings, write(openings, LONGEST, temperature), strict=True)]
    verdicts = [judge_story(text, language) for text in stories]
    grammatical = sum(verdict.sentences == verdict.grammatical for verdict in verdicts)
    return {
        f"{language}_grammatical": grammatical / count,
        f"{language}_consistent": sum(verdict.consistent for verdict in verdicts) / count,
        f"{language}_different": len(set(stories)) / count,
    }


def _exact(answers: Sequence[str], expected: Sequence[str]) -> float:
    right = sum(is_correct_answer(answer, truth) for answer, truth in zip(answers, expected, strict=True))
    return right / len(expected)


def held_out_loss(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> float:
    """Mean loss in nats per token on `count` held-out documents of the corpus, end marks included."""
    import torch
    from torch.nn.functional import cross_entropy

    end = tokenizer.eos_token_id
    texts = [[end, *tokenizer.encode(d.text), end] for d in base_domain(EXAMINATION_SEED, count)]
    texts.sort(key=len)
    loss, tokens = 0.0, 0
    for start in range(0, len(texts), 50):
        rows = [torch.tensor(text) for text in texts[start : start + 50]]
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=-100)  # (batch, time)
        with torch.no_grad():
            logits = model(input_ids=ids.clamp(min=0)).logits  # (batch, time, vocab)
        labels = ids[:, 1:].flatten()
        loss += cross_entropy(logits[:, :-1].flatten(0, 1), labels, reduction="sum").item()
        tokens += int((labels >= 0).sum())
    return loss / tokens


def _writer(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> Callable[..., list[str]]:
    """A function (prompts, most tokens, temperature) -> continuations, in the prompts' order."""
    import torch

    def write(prompts: Sequence[str], longest: int, temperature: float) -> list[str]:
        torch.manual_seed(EXAMINATION_SEED)
        order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
        texts = [""] * len(prompts)
        for first, last in pairwise([*range(0, len(order), 100), len(order)]):
            chosen = order[first:last]
            written = _continue(model, tokenizer, [prompts[index] for index in chosen], longest, temperature)
            for index, text in zip(chosen, written, strict=True):
                texts[index] = text
        return texts

    return write


def _continue(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[str],
    longest: int,
    temperature: float,
) -> list[str]:
    import torch

    tokenizer.padding_side = "left"
    texts = [tokenizer.bos_token + prompt for prompt in prompts]
    inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    inputs.pop("token_type_ids", None)
    how = {"do_sample": True, "temperature": temperature, "top_k": 0} if temperature else {"do_sample": False}
    with torch.no_grad():
        ids = model.generate(**inputs, **how, max_new_tokens=longest, pad_token_id=tokenizer.pad_token_id)
    return tokenizer.batch_decode(ids[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
