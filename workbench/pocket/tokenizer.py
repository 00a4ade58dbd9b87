"""The tokenizer of the pocket model: byte-level BPE in which every entry occurs in the corpus.

Byte-pair training leaves steps behind: "togeth" was needed on the way to "together" and is never
used again. A model never sees such an entry, so its embedding stays random, which hurts small
tuning methods. So steps are taken out; a whole word is then looked up before any merge
(`ignore_merges`, as in Llama 3).
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.pocket.corpus import documents

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

END = "<|end|>"
PAD = "<|pad|>"
# No valid UTF-8 holds these bytes, so no text can ever use them.
IMPOSSIBLE_BYTES = frozenset((0xC0, 0xC1, *range(0xF5, 0x100)))
SPARE = 1.4  # how many times too many entries are trained, to have some left after taking out
LEAST_SEEN = 1e-5  # an entry that is rarer among the tokens of the corpus is taken out


def train_tokenizer(
    seed: int = 0, count: int = 40_000, size: int = 2048, texts: Sequence[str] | None = None
) -> "PreTrainedTokenizerFast":
    """Train a byte-level BPE of at most `size` entries on `count` documents of the corpus.

    Digits stand alone, so sums are sums of digits. `<|end|>` opens and closes every document
    (bos = eos), `<|pad|>` fills batches. Any Unicode text round-trips. `texts` replaces the corpus.
    """
    texts = texts or [document.text for document in documents(seed, count)]
    tokenizer = _byte_pairs(texts, int(size * SPARE))
    while rare := _rare_entries(tokenizer, texts, size):
        tokenizer = _without(tokenizer, rare)
    return _wrap(tokenizer)


def save_tokenizer(tokenizer: "PreTrainedTokenizerFast", folder: Path | str) -> None:
    """Write the tokenizer's files, as ``AutoTokenizer.from_pretrained`` reads them."""
    tokenizer.save_pretrained(str(folder))


def byte_characters() -> list[str]:
    """Return the visible stand-ins of all bytes that valid UTF-8 can hold, sorted by byte.

    Byte-level BPE writes bytes as characters (Radford et al. 2019, section 2.2): printable
    Latin-1 stands for itself, the other bytes get code points from 256 on.
    """
    visible = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = [byte for byte in range(256) if byte not in visible]
    stand_in = {byte: chr(byte) for byte in visible}
    stand_in |= {byte: chr(256 + place) for place, byte in enumerate(hidden)}
    return [stand_in[byte] for byte in range(256) if byte not in IMPOSSIBLE_BYTES]


def _byte_pairs(texts: Sequence[str], size: int) -> "Tokenizer":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    digits = pre_tokenizers.Digits(individual_digits=True)
    pieces = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pieces])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END, PAD],
        initial_alphabet=byte_characters(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _rare_entries(tokenizer: "Tokenizer", texts: Sequence[str], size: int) -> set[str]:
    """Return the entries to take out: the hardly ever used, else the rarest above `size`."""
    seen = Counter(token for line in tokenizer.encode_batch_fast(list(texts)) for token in line.ids)
    least = LEAST_SEEN * seen.total()
    kept = {END, PAD, *byte_characters()}
    entries = {token: seen[place] for token, place in tokenizer.get_vocab().items() if token not in kept}
    rare = {token for token, times in entries.items() if times < least}
    if rare or len(entries) + len(kept) <= size:
        return rare
    by_use = sorted(entries, key=lambda token: (entries[token], token))
    return set(by_use[: len(entries) + len(kept) - size])


def _without(tokenizer: "Tokenizer", rare: set[str]) -> "Tokenizer":
    """Return the tokenizer without some entries and without the merges that need them."""
    from tokenizers import Tokenizer

    state = json.loads(tokenizer.to_str())
    model = state["model"]
    kept = sorted((place, token) for token, place in model["vocab"].items() if token not in rare)
    model["vocab"] = {token: place for place, (_, token) in enumerate(kept)}
    model["merges"] = [
        [left, right]
        for left, right in model["merges"]
        if left in model["vocab"] and right in model["vocab"] and left + right in model["vocab"]
    ]
    return Tokenizer.from_str(json.dumps(state))


def _wrap(tokenizer: "Tokenizer") -> "PreTrainedTokenizerFast":
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END,
        eos_token=END,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
    )
