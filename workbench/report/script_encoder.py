"""What is special about an encoder in plain PyTorch, as source: masks are filled."""

AUTO = "AutoModelForMaskedLM"
EXPLAINED = "**Examples become tokens.** Prompts are read, and the target is found under masks behind them."
SETTINGS = """\
LABELS = {labels}
MASKS = max(len(tokenizer.encode(label, add_special_tokens=False)) for label in LABELS)  # as the longest has tokens
"""
ENCODE = """\
def encode(example):
    \"\"\"Token numbers, labels (-100: read, but not learned), and segments: 1 behind the first of two texts.\"\"\"
    first, between, mask = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.mask_token_id
    cut = example.get("cut", 0)  # where the second of two texts begins
    texts = [text for text in (example["prompt"][:cut], example["prompt"][cut:]) if text]
    parts = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
    target = tokenizer.encode(example["target"], add_special_tokens=False)[:MASKS]
    target += [between] * (MASKS - len(target))
    room = MAX_LENGTH - MASKS - 1 - len(parts)
    parts[0] = parts[0][max(0, sum(map(len, parts)) - room) :]  # what is too long loses its start
    parts[-1] = parts[-1][max(0, sum(map(len, parts)) - room) :]
    before = [first] + parts[0] + ([between] + parts[1] if len(parts) > 1 else [])
    ids = before + [mask] * MASKS + [between]
    labels = [-100] * len(before) + target + [-100]
    assert len(ids) == example["tokens"], "this tokenizer cuts the text otherwise than the run's"
    border = ids.index(between) + 1
    return ids, labels, [0] * border + [1] * (len(ids) - border)
"""
SEGMENTS = '{"token_type_ids": tensor(2, 0)} if any(sum(row[2]) for row in encoded) else {}'
LOSS = """\
def summed_loss(examples):
    \"\"\"Cross-entropy in nats, summed over the masks of some examples, and how many these are.\"\"\"
    encoded = [encode(example) for example in examples]
    width = max(len(ids) for ids, _, _ in encoded)

    def tensor(part, filling):
        return torch.tensor([row[part] + [filling] * (width - len(row[part])) for row in encoded], device=device)

    ids, labels = tensor(0, tokenizer.pad_token_id or 0), tensor(1, -100)  # each (batch, time)
    mask = torch.tensor([[1] * len(row[0]) + [0] * (width - len(row[0])) for row in encoded], device=device)
    segments = {segments}
    logits = model(input_ids=ids, attention_mask=mask, **segments).logits  # (batch, time, vocabulary)
{virtual}    loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum")
    return loss, int((labels != -100).sum())
"""
