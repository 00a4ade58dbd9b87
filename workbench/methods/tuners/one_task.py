"""PEFT's multitask prompt for one task, whose number need not be told in every call.

After `install()` PEFT builds and loads the prompt that takes its first task where none is named, and gives an
encoder-decoder's decoder what it has written so far, which PEFT 0.21 loses on the way with this kind of prompt.
"""

from typing import Any

import torch
from peft import MODEL_TYPE_TO_PEFT_MODEL_MAPPING, PeftModelForSeq2SeqLM, PeftType
from peft.mapping import PEFT_TYPE_TO_TUNER_MAPPING
from peft.tuners.multitask_prompt_tuning import MultitaskPromptEmbedding

KIND = PeftType.MULTITASK_PROMPT_TUNING


class OneTaskPrompt(MultitaskPromptEmbedding):
    """The shared prompt times the matrix of a task, which is the first where none is named."""

    def forward(self, indices: torch.Tensor, task_ids: torch.Tensor | None = None) -> torch.Tensor:
        """The prompt (batch, virtual tokens, width) for tokens (batch, virtual tokens)."""
        first = torch.zeros(len(indices), dtype=torch.long, device=indices.device)
        prompt: torch.Tensor = super().forward(indices, first if task_ids is None else task_ids)  # type: ignore[no-untyped-call]
        return prompt


class OneTaskSeq2Seq(PeftModelForSeq2SeqLM):
    """PEFT's encoder-decoder; the prompt stands before the source, as prompt tuning's does."""

    def forward(self, input_ids: Any = None, attention_mask: Any = None, **inputs: Any) -> Any:  # type: ignore[override]
        """What the model gives for sources (batch, time); other kinds than the multitask prompt take PEFT's way."""
        if self.active_peft_config.peft_type != KIND:
            return super().forward(input_ids, attention_mask, **inputs)  # type: ignore[no-untyped-call]
        words: Any = self.word_embeddings
        source = words(input_ids)  # (batch, time, width)
        prompt = self.get_prompt(len(source)).to(source.dtype)  # (batch, virtual tokens, width)
        if attention_mask is not None:
            attention_mask = torch.cat([attention_mask.new_ones(prompt.shape[:2]), attention_mask], dim=1)
        whole = torch.cat([prompt, source], dim=1)
        return self.base_model(inputs_embeds=whole, attention_mask=attention_mask, **inputs)


def install() -> None:
    """Let PEFT use both; does nothing the second time."""
    PEFT_TYPE_TO_TUNER_MAPPING[KIND] = OneTaskPrompt  # type: ignore[assignment]
    MODEL_TYPE_TO_PEFT_MODEL_MAPPING["SEQ_2_SEQ_LM"] = OneTaskSeq2Seq
