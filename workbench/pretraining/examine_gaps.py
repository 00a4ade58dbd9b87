"""Examine base models that fill gaps: masked words, missing spans, and questions whose answer is the gap."""

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from workbench.pocket import (
    base_domain,
    is_correct_answer,
    judge_story,
    story_prompts,
    sum_questions,
    tracking_questions,
)
from workbench.pretraining.examine import EXAMINATION_SEED, LONGEST
from workbench.tasks.contract import IGNORED
from workbench.tasks.gaps import gap

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.pretraining.kinds.contract import Kind

AT_ONCE = 50  # rows
LONGEST_READ = 253  # tokens of a document, which fit the context of 256 with every kind's marks
Asked = tuple[str, str]  # a question and its answer


def examine_masks(
    kind: "Kind", model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int
) -> dict[str, float]:
    """Shares of masked tokens and of masked answers that are right, and the loss on held-out documents."""
    import torch

    def answered(asked: Sequence[Asked]) -> float:
        """Each token of the answer is masked, so its length is known; all of them have to be right.

        A full stop follows, as in the corpus: where a text ends with a mask, that is what the mask hides.
        """
        right, stop = 0, tokenizer.encode(".")
        for question, answer in asked:
            start, gone = tokenizer.encode(question), tokenizer.encode(answer)
            hidden = [tokenizer.mask_token_id] * len(gone)
            ids = [tokenizer.cls_token_id, *start, *hidden, *stop, tokenizer.sep_token_id]
            with torch.no_grad():
                row = torch.tensor([ids])
                logits = kind.logits(model, row, row)[0]  # (time, vocab)
            right += logits[1 + len(start) :][: len(gone)].argmax(dim=-1).tolist() == gone
        return right / len(asked)

    loss, known = held_out(kind, model, tokenizer, count)
    return {
        "masked_tokens_right": known,
        "tracking_exact": answered(_tracking(count)),
        "sums_exact": answered(_sums(count)),
        "held_out_loss": loss,
    }


def examine_spans(
    kind: "Kind", model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int
) -> dict[str, float]:
    """Shares of tokens and answers that are right and of stories brought to a good end, and the loss."""
    openings = story_prompts(EXAMINATION_SEED, count)
    stories = [start + rest for start, rest in zip(openings, _fill(model, tokenizer, openings), strict=True)]
    verdicts = [judge_story(story) for story in stories]
    loss, known = held_out(kind, model, tokenizer, count)
    return {
        "missing_tokens_right": known,
        "english_grammatical": sum(verdict.sentences == verdict.grammatical for verdict in verdicts) / count,
        "english_consistent": sum(verdict.consistent for verdict in verdicts) / count,
        "tracking_exact": _exact(model, tokenizer, _tracking(count)),
        "sums_exact": _exact(model, tokenizer, _sums(count)),
        "held_out_loss": loss,
    }


def held_out(
    kind: "Kind", model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int
) -> tuple[float, float]:
    """Loss in nats per learned token, and the share of these tokens that are the likeliest, on held-out documents."""
    import torch
    from torch.nn.functional import cross_entropy

    rng = Random(EXAMINATION_SEED)
    end = tokenizer.eos_token_id
    texts = sorted((tokenizer.encode(d.text)[:LONGEST_READ] for d in base_domain(EXAMINATION_SEED, count)), key=len)
    documents = [[end, *text, end] for text in texts]
    loss, right, learned = 0.0, 0, 0
    for start in range(0, count, AT_ONCE):
        rows = [kind.row(ids, tokenizer, rng) for ids in documents[start : start + AT_ONCE]]
        ids, labels = kind.part(rows, tokenizer.pad_token_id)
        with torch.no_grad():
            logits = kind.logits(model, ids, labels)  # (rows, time, vocab)
        wanted = labels != IGNORED
        loss += cross_entropy(logits[wanted], labels[wanted], reduction="sum").item()
        right += int((logits[wanted].argmax(dim=-1) == labels[wanted]).sum())
        learned += int(wanted.sum())
    return loss / learned, right / learned


def _tracking(count: int) -> list[Asked]:
    return [(question.prompt, f" {question.answer}") for question in tracking_questions(EXAMINATION_SEED, count)]


def _sums(count: int) -> list[Asked]:
    return [(question.prompt, f" {question.answer}") for question in sum_questions(EXAMINATION_SEED, count)]


def _exact(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", asked: Sequence[Asked]) -> float:
    written = _fill(model, tokenizer, [question for question, _ in asked], 12)
    right = [is_correct_answer(text, answer) for text, (_, answer) in zip(written, asked, strict=True)]
    return sum(right) / len(asked)


def _fill(
    model: Any, tokenizer: "PreTrainedTokenizerBase", beginnings: Sequence[str], longest: int = LONGEST
) -> list[str]:
    """What the model writes greedily for a gap behind each text."""
    mark, end = tokenizer.convert_tokens_to_ids(gap(0)), tokenizer.eos_token_id
    texts: list[str] = []
    for start in range(0, len(beginnings), AT_ONCE):
        rows = [[*tokenizer.encode(text), mark, end] for text in beginnings[start : start + AT_ONCE]]
        texts += _greedy(model, tokenizer, rows, longest)
    return texts


def _greedy(model: Any, tokenizer: "PreTrainedTokenizerBase", rows: Sequence[list[int]], longest: int) -> list[str]:
    import torch

    pad = tokenizer.pad_token_id
    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows])
    written = model.generate(input_ids=ids, attention_mask=ids != pad, do_sample=False, max_new_tokens=longest)
    return tokenizer.batch_decode(written, skip_special_tokens=True)
