"""AutoPrompt with PEFT's prompt tuning, whose vectors are those of words, and the search in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.soft_prompts import COMMON_TOKENS, token_width
from workbench.report.plain.contract import Plain, help_of, one_side, peft_code

START = """\
VIRTUAL = {tokens}
TRIED = {candidates}  # words that are tried in a step
generator = torch.Generator().manual_seed(SEED)
embed = base.get_input_embeddings()
special = set(tokenizer.all_special_ids)
allowed = [token for token in range(min(len(embed.weight), len(tokenizer))) if token not in special]
common = [token for token in allowed if token < {common}]
trigger = torch.tensor(common)[torch.randint(len(common), (VIRTUAL,), generator=generator)]
"""
SET = """\
vectors = model.prompt_encoder["default"].embedding.weight
with torch.no_grad():
    vectors.copy_(embed(trigger))
print(tokenizer.decode(trigger))
"""
LOOP = """\
@torch.no_grad()
def exchange(place, likely, examples):
    \"\"\"Try each word in its place, and keep the one of the lowest loss; the present one where none is lower.\"\"\"
    best, lowest = None, summed_loss(examples)[0].item()
    present = vectors[place].clone()
    for token in likely:
        vectors[place] = embed(token)
        loss = summed_loss(examples)[0].item()
        if loss < lowest:
            best, lowest = token, loss
    vectors[place] = present if best is None else embed(best)
    if best is not None:
        trigger[place] = best


model.to(device)
training = read("training.jsonl")
losses = []
torch.manual_seed(SEED)  # for dropout, where there is any
for step, batch in groupby(training, lambda example: example["step"] - 1):  # the first step is 0
    examples = list(batch)
    model.train()
    loss, count = summed_loss(examples)
    (loss / count).backward()
    slope, vectors.grad = vectors.grad, None  # (tokens, width)
    model.eval()
    # Which word may change: drawn as the workbench draws it, from the seed and the step.
    drawn = torch.Generator().manual_seed(SEED * {stride} + step)
    place = int(torch.randint(VIRTUAL, (), generator=drawn))
    gains = -(embed.weight.detach() @ slope[place])[allowed]  # up to what the present word has
    likely = torch.tensor(allowed, device=device)[gains.topk(min(TRIED, len(allowed))).indices]
    exchange(place, likely, examples)
    losses.append(loss.item() / count)
    if step % 10 == 0:
        print(f"step {step + 1}: {losses[-1]:.3f} {tokenizer.decode(trigger)}")
"""
STRIDE = "1_000_003"  # between the seeds of two runs, as in training/mezo.py


class PlainAutoPrompt(Plain):
    """PEFT's PromptTuningConfig for the place of the words; the search is written out."""

    name = "autoprompt"
    adds_positions = True
    loop = LOOP.replace("{stride}", STRIDE)
    told = "is a search: the gradient at one word proposes others, which are tried on the batch."

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out, draw the words to start from, and put their vectors into PEFT's table."""
        before = (
            START.replace("{tokens}", str(method.tokens))
            .replace("{candidates}", str(method.candidates))
            .replace("{common}", str(COMMON_TOKENS))
        )
        settings: list[tuple[str, object, str]] = [
            ("num_virtual_tokens", method.tokens, help_of(method, "tokens")),
            ("token_dim", token_width(card), "width of an embedding"),
            ("num_layers", card.depth, ""),
            *one_side(card),
            ("num_attention_heads", card.heads, ""),
        ]
        return peft_code("PromptTuningConfig", settings, card, before) + SET
