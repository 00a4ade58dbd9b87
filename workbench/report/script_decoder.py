"""What is special about a decoder in plain PyTorch, as source: each token is predicted from those before it."""

AUTO = "AutoModelForCausalLM"
EXPLAINED = "**Examples become tokens.** Prompts are read, targets are learned."
ENCODE = """\
def encode(example):
    \"\"\"Token numbers of prompt, target and end; the label -100 says that a token is read, but not learned.\"\"\"
    start = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else []
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    prompt = tokenizer.encode(example["prompt"], add_special_tokens=False) if example["prompt"] else []
    target = tokenizer.encode(example["target"], add_special_tokens=False) + end
    room = MAX_LENGTH - len(start)
    too_many = max(0, len(prompt) + len(target) - room)
    prompt = prompt[min(too_many, len(prompt)) :]  # what is too long loses the start of its prompt
    target = target[: room - len(prompt)]
    ids, labels = start + prompt + target, [-100] * len(start + prompt) + target
    assert len(ids) == example["tokens"], "this tokenizer cuts the text otherwise than the run's"
    return ids, labels

"""
LOSS = """\
def summed_loss(examples):
    \"\"\"Cross-entropy in nats, summed over the target tokens of some examples, and how many these are.\"\"\"
    encoded = [encode(example) for example in examples]
    width = max(len(ids) for ids, _ in encoded)
    pad = tokenizer.pad_token_id or 0  # no attention mask: nothing before the padding can see it
    ids = torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in encoded], device=device)  # (batch, time)
    labels = torch.tensor([labels + [-100] * (width - len(labels)) for _, labels in encoded], device=device)
    logits = model(input_ids=ids, use_cache=False).logits  # (batch, time, vocabulary)
{virtual}    logits, labels = logits[:, :-1], labels[:, 1:]  # each position predicts the next token
    loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum")
    return loss, int((labels != -100).sum())

"""
