"""The corpus: deterministic, in its shares, and free of the formats of later tasks."""

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import islice

import pytest

from workbench.pocket import SHARES, base_domain, documents
from workbench.pocket.corpus import PIECE

DIGEST = (
    "import hashlib; from workbench.pocket import documents;"
    "print(hashlib.sha256(''.join(d.text for d in documents(3, 300)).encode()).hexdigest())"
)


@pytest.fixture(scope="module")
def sample():
    return list(documents(2024, 20_000))


def test_same_seed_gives_the_same_documents_in_any_process():
    expected = hashlib.sha256("".join(d.text for d in documents(3, 300)).encode()).hexdigest()
    for hash_seed in ("1", "2"):
        environment = os.environ | {
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        digest = subprocess.check_output([sys.executable, "-c", DIGEST], env=environment, text=True)
        assert digest.strip() == expected


def test_a_stream_can_be_entered_anywhere():
    assert list(documents(5, 3, start=40)) == list(documents(5, 43))[40:]
    assert list(islice(documents(5), 4)) == list(documents(5, 4))


def test_other_seeds_and_the_held_out_documents_differ():
    one, other = ({d.text for d in documents(seed, 500, ["english story"])} for seed in (1, 2))
    assert not one & other
    assert not {d.text for d in base_domain(1, 300) if "story" in d.kind} & one


def test_kinds_can_be_chosen():
    assert {d.kind for d in documents(1, 200, ["sums", "facts"])} == {"sums", "facts"}


def test_shares_are_kept(sample):
    pieces = Counter()
    for document in sample:
        pieces[document.kind] += len(PIECE.findall(document.text))
    for kind, share in SHARES.items():
        assert pieces[kind] / pieces.total() == pytest.approx(share, rel=0.1)
    assert sum(SHARES.values()) == pytest.approx(1)


def test_no_document_is_too_long_for_the_context(sample):
    assert max(len(PIECE.findall(d.text)) for d in sample) < 230


def test_english_has_several_hundred_word_types(sample):
    stories = " ".join(d.text.lower() for d in sample if d.kind == "english story")
    assert 600 <= len(set(re.findall(r"[a-z]+", stories))) <= 900


def test_feelings_are_frequent_and_balanced(sample):
    stories = " ".join(d.text for d in sample if d.kind == "english story")
    counts = [stories.count(f" {feeling}") for feeling in ("happy", "sad", "angry", "scared", "proud")]
    assert min(counts) > 0.6 * max(counts)
    assert min(counts) > 1000


def test_words_of_the_later_tasks_occur(sample):
    text = " ".join(d.text for d in sample)
    for word in (
        "ship",
        "sea",
        "captain",
        "gold",
        "treasure",
        "island",
        "storm",
        "map",
        "opposite",
    ):
        assert text.count(f" {word}") > 20


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?i)\b(arr+|matey|ahoy|ye|aye|avast|landlubber)\b",
        r"(?i)\b(feeling|mood|label|emotion)\s*:",
        r"(?i)\b(instruction|response|input|output)\s*:",
        r"\b(name|age|pet|likes|home|color)\s*\[",
        r"^(Write|Say|List|Count|Repeat|Reverse)\b",
    ],
)
def test_formats_of_later_tasks_never_occur(sample, pattern):
    texts = [d.text for d in sample if d.kind not in ("odds",)]
    assert not [text for text in texts if re.search(pattern, text, re.MULTILINE)]
