"""A model that reads every input under several prompts and mixes what it answers; PEFT has none.

The model shares its shape with PEFT's prompt learners: the base is `base_model`, what moves is in `prompt_encoder`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.functional import log_softmax

WEIGHTS, VECTORS = "prompt_encoder.weights", "prompt_encoder.embedding.weight"


class Prompts(nn.Module):
    """Several prompts below each other in one table, and a number for each that says how much it counts."""

    def __init__(self, prompts: int, virtual_tokens: int, width: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(prompts))
        self.embedding = nn.Embedding(prompts * virtual_tokens, width)

    def vectors(self, prompt: int) -> torch.Tensor:
        """One of the prompts, (virtual tokens, width)."""
        return self.embedding.weight.chunk(len(self.weights))[prompt]


class PromptMixtureModel(nn.Module):
    """The base with a mixture of prompts before every input.

    `chosen` are the prompts that are mixed: all, one, or none, with which the model is the base.
    """

    def __init__(self, base_model: Any, prompts: int, virtual_tokens: int) -> None:
        super().__init__()
        table = base_model.get_input_embeddings().weight
        self.base_model = base_model
        self.prompt_encoder = Prompts(prompts, virtual_tokens, table.shape[1]).to(table.device)
        self.config = base_model.config
        self.chosen: tuple[int, ...] = tuple(range(prompts))
        self.length = virtual_tokens

    @property
    def virtual_tokens(self) -> int:
        """Positions that stand before every input at present."""
        return self.length if self.chosen else 0

    @property
    def shares(self) -> torch.Tensor:
        """The logarithm of each chosen prompt's share, (prompts,)."""
        return log_softmax(self.prompt_encoder.weights, dim=0)[list(self.chosen)]

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None, **inputs: Any) -> Any:
        """What the base gives for inputs (batch, time); the logits are those of the mixture of all chosen."""
        if not self.chosen:
            return self.base_model(input_ids=input_ids, attention_mask=attention_mask, **inputs)
        embedded = self.get_input_embeddings()(input_ids)  # (batch, time, width)
        if attention_mask is not None:
            attention_mask = torch.cat([attention_mask.new_ones(len(embedded), self.length), attention_mask], dim=1)
        answers = []
        for number in self.chosen:
            prompt = self.prompt_encoder.vectors(number).to(embedded.dtype).expand(len(embedded), -1, -1)
            whole = torch.cat([prompt, embedded], dim=1)  # (batch, virtual tokens + time, width)
            answers.append(self.base_model(inputs_embeds=whole, attention_mask=attention_mask, **inputs))
        if len(answers) > 1:
            answers[0].logits = mixed([answer.logits for answer in answers], self.shares)
        return answers[0]

    @contextmanager
    def reading_under(self, *chosen: int) -> Iterator[None]:
        """Within, these prompts alone are there; with none the model is the base."""
        before, self.chosen = self.chosen, chosen
        try:
            yield
        finally:
            self.chosen = before

    def get_base_model(self) -> Any:
        """The base, as PEFT's models give it."""
        return self.base_model

    def get_input_embeddings(self) -> Any:
        """The base's table of words."""
        return self.base_model.get_input_embeddings()

    def get_output_embeddings(self) -> Any:
        """The base's output head."""
        return self.base_model.get_output_embeddings()


def mixed(logits: Sequence[torch.Tensor], shares: torch.Tensor) -> torch.Tensor:
    """The logarithm of the mixture of several distributions (..., vocabulary), by the logarithms of their shares."""
    each = [log_softmax(part.float(), dim=-1) + share for part, share in zip(logits, shares, strict=True)]
    return torch.stack(each).logsumexp(dim=0)


def loaded(base_model: Any, tensors: Mapping[str, torch.Tensor]) -> PromptMixtureModel | None:
    """The base with the prompts that were saved; None where they do not fit it."""
    weights, vectors = tensors[WEIGHTS], tensors.get(VECTORS)
    width = base_model.get_input_embeddings().weight.shape[1]
    if set(tensors) != {WEIGHTS, VECTORS} or vectors is None or vectors.shape[1] != width:
        return None
    if weights.ndim != 1 or not len(weights) or len(vectors) % len(weights):
        return None
    model = PromptMixtureModel(base_model, len(weights), len(vectors) // len(weights))
    with torch.no_grad():
        model.prompt_encoder.weights.copy_(weights)
        model.prompt_encoder.embedding.weight.copy_(vectors)
    return model.requires_grad_(False)
