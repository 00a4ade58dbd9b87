"""A mixture of soft prompts in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.soft_prompts import COMMON_TOKENS
from workbench.report.plain.contract import Plain

START = """\
PROMPTS, VIRTUAL = {prompts}, {virtual_tokens}
generator = torch.Generator().manual_seed(SEED)
words = base.get_input_embeddings().weight.detach()  # (vocabulary, width)
special = set(tokenizer.all_special_ids)
common = [token for token in range(min(len(words), len(tokenizer), {common})) if token not in special]
drawn = torch.randint(len(common), (PROMPTS * VIRTUAL,), generator=generator)
with torch.no_grad():
    start = base.get_input_embeddings()(torch.tensor(common)[drawn])  # low numbers are common tokens
"""
MODEL = """\
class Mixture(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.prompts = torch.nn.Parameter(start.view(PROMPTS, VIRTUAL, -1).clone())
        self.weights = torch.nn.Parameter(torch.zeros(PROMPTS))

    def forward(self, input_ids, attention_mask=None, **inputs):
        text = base.get_input_embeddings()(input_ids)  # (batch, time, width)
        if attention_mask is not None:
            attention_mask = F.pad(attention_mask, (VIRTUAL, 0), value=1)
{segments}        answers = []
        for prompt, share in zip(self.prompts, self.weights.log_softmax(0)):
            whole = torch.cat([prompt.expand(len(text), -1, -1), text], dim=1)
            out = self.base(inputs_embeds=whole, attention_mask=attention_mask, **inputs)
            answers.append(out.logits.log_softmax(-1) + share)
        out.logits = torch.stack(answers).logsumexp(0)  # of the mixture
        return out


model = Mixture()
"""
SEGMENTS = '        inputs.pop("token_type_ids", None)  # prompts do not tell segments apart\n'


class PlainPromptMixture(Plain):
    """A module of a few lines around the base."""

    name = "prompt_mixture"
    adds_positions = True

    def code(self, method: Any, card: ModelCard) -> str:
        """Draw the words that the prompts start from, and define the model."""
        start = (
            START.replace("{prompts}", str(method.prompts))
            .replace("{virtual_tokens}", str(method.virtual_tokens))
            .replace("{common}", str(COMMON_TOKENS))
        )
        return f"{start}\n\n{MODEL.replace('{segments}', SEGMENTS if card.segments > 1 else '')}"
