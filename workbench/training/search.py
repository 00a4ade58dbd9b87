"""AutoPrompt's step: of a trigger's tokens one is exchanged, for that of the likeliest candidates which is the best.

Shin et al. 2020, arXiv:2010.15980, section 2.2; candidates by HotFlip, Ebrahimi et al. 2018, arXiv:1712.06751.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from workbench.methods.autoprompt import TRIGGER
from workbench.training.batches import ONE_AT_A_TIME
from workbench.training.evaluate import at_rest
from workbench.training.mezo import STRIDE
from workbench.training.progress import inner_model

if TYPE_CHECKING:
    from workbench.training.build import Run


def exchange_one(run: "Run", slope: torch.Tensor, loss: Callable[[], float]) -> None:
    """Exchange one token of the run's trigger, or none, where no candidate lowers the loss.

    `slope` (trigger tokens, width) is the loss's gradient at the trigger's vectors. Which token is tried comes from
    the seed and the step, so a run that goes on tries the same ones.
    """
    method: Any = run.checked.method
    (vectors,) = run.tuned.movable.values()
    trigger, tokenizer = run.tuned.memory[TRIGGER], run.bench.base.tokenizer
    generator = torch.Generator().manual_seed(run.checked.spec.seed * STRIDE + run.step)
    place = int(torch.randint(len(trigger), (), generator=generator))
    words: Any = inner_model(run.tuned.model).get_input_embeddings()
    allowed = set(range(min(len(words.weight), len(tokenizer)))) - set(tokenizer.all_special_ids)
    with at_rest(run.tuned.model):
        likely = candidates(words.weight, slope[place], method.candidates, allowed)
        keep_best(vectors, trigger, place, words(likely), likely, loss)


def readable(run: "Run") -> dict[str, Any]:
    """The trigger's token numbers, and the words that they are; empty for a run that looks for none."""
    trigger = run.tuned.memory.get(TRIGGER)
    if trigger is None:
        return {}
    with ONE_AT_A_TIME:
        words = run.bench.base.tokenizer.decode(trigger)
    return {"tokens": trigger.tolist(), "words": words}


def candidates(table: torch.Tensor, slope: torch.Tensor, number: int, allowed: Collection[int]) -> torch.Tensor:
    """The tokens (number,) whose vectors would lower the loss most if it were as steep everywhere as it is here."""
    gains = -(table.float() @ slope.float())  # (vocabulary,) up to what the present token has
    refused = torch.ones(len(table), dtype=torch.bool, device=table.device)
    refused[torch.tensor(sorted(allowed), device=table.device)] = False
    return gains.masked_fill(refused, -torch.inf).topk(min(number, len(allowed))).indices


def keep_best(
    vectors: nn.Parameter,
    trigger: torch.Tensor,
    place: int,
    tried: torch.Tensor,
    tokens: torch.Tensor,
    loss: Callable[[], float],
) -> None:
    """Put each token, whose vector stands in `tried` (number, width), into its place; keep the one of the lowest loss.

    The present one stays where none is lower. `vectors` (trigger tokens, width) and `trigger` change together.
    """
    present, lowest, best = vectors[place].clone(), loss(), -1
    for number, vector in enumerate(tried):
        vectors[place] = vector
        if (reached := loss()) < lowest:
            lowest, best = reached, number
    vectors[place] = present if best < 0 else tried[best]
    if best >= 0:
        trigger[place] = tokens[best]
