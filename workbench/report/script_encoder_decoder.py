"""What is special about an encoder-decoder in plain PyTorch, as source: one side reads, the other writes."""

AUTO = "AutoModelForSeq2SeqLM"
EXPLAINED = "**Examples become tokens.** The encoder reads prompts, the decoder writes targets."
ENCODE = """\
def encode(example):
    \"\"\"Token numbers of the prompt and of the target, each with its end.\"\"\"
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    source = tokenizer.encode(example["prompt"], add_special_tokens=False)
    source = source[max(0, len(source) + len(end) - MAX_LENGTH) :] + end  # what is too long loses its start
    target = (tokenizer.encode(example["target"], add_special_tokens=False) + end)[: MAX_LENGTH - 1]
    assert len(source) + 1 + len(target) == example["tokens"], "this tokenizer cuts the text otherwise than the run's"
    return source, target
"""
LOSS = """\
def summed_loss(examples):
    \"\"\"Cross-entropy in nats, summed over the target tokens of some examples, and how many these are.\"\"\"
    encoded = [encode(example) for example in examples]
    pad = tokenizer.pad_token_id or 0

    def tensor(rows, filling):
        width = max(map(len, rows))
        return torch.tensor([row + [filling] * (width - len(row)) for row in rows], device=device)  # (batch, time)

    sources = tensor([source for source, _ in encoded], pad)
    mask = tensor([[1] * len(source) for source, _ in encoded], 0)
    labels = tensor([target for _, target in encoded], -100)
    start = base.config.decoder_start_token_id
    read = tensor([[start] + target[:-1] for _, target in encoded], pad)  # each token is predicted from those before it
    logits = model(input_ids=sources, attention_mask=mask, decoder_input_ids=read, use_cache=False).logits
    loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum")
    return loss, int((labels != -100).sum())
"""
