"""The tokenizer: everything round-trips and no entry stays unseen."""

from collections import Counter

import pytest

from workbench.pocket import END, PAD, documents, save_tokenizer, train_tokenizer, wordlists
from workbench.pocket.tokenizer import byte_characters

COUNT = 4000


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(1, COUNT, size=1300)


@pytest.mark.parametrize(
    "text",
    [
        "Mia went.", "¿Dónde está la niña?", "3 + 14 = 17", "def f(x):\n    return x\n",
        "  two  spaces ", "tab\t\r\n\x00\x7f", "漢字 🙂 \U0010ffff Ωжא", "“curly” – €",
    ],
)  # fmt: skip
def test_any_text_comes_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_digits_and_specials_are_single_tokens(tokenizer):
    assert [tokenizer.decode(token) for token in tokenizer.encode("1234")] == list("1234")
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == (END, END, PAD)
    assert len(tokenizer.encode(END)) == 1


def test_names_are_single_tokens(tokenizer):
    names = [row[0] for row in wordlists.people()]
    assert [name for name in names if len(tokenizer.encode(f" {name}")) > 1] == []


def test_every_entry_is_seen_in_fresh_text(tokenizer):
    texts = [d.text for d in documents(2, 2 * COUNT)] + [d.text for d in documents(2, COUNT, ["odds"])]
    seen = Counter(token for line in tokenizer.backend_tokenizer.encode_batch(texts) for token in line.ids)
    unseen = {token for token, place in tokenizer.get_vocab().items() if not seen[place]}
    assert unseen == {END, PAD}


def test_only_impossible_bytes_are_left_out(tokenizer):
    assert len(byte_characters()) == 256 - 13
    assert set(byte_characters()) <= set(tokenizer.get_vocab())


def test_saved_tokenizer_is_the_same(tokenizer, tmp_path):
    from transformers import AutoTokenizer

    save_tokenizer(tokenizer, tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    for document in documents(3, 300):
        assert loaded.encode(document.text) == tokenizer.encode(document.text)
    assert loaded.get_vocab() == tokenizer.get_vocab()
    assert loaded.pad_token == PAD


def test_training_twice_gives_the_same_entries():
    first, second = (train_tokenizer(1, 800, size=600).get_vocab() for _ in range(2))
    assert first == second
