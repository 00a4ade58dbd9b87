"""Tracking: questions can be answered by following the sentences, nothing else."""

import re

import pytest

from workbench.pocket import documents, is_correct_answer, tracking_questions

PERSON = r"([A-Z]\w+)"
GO = re.compile(rf"{PERSON}(?: and {PERSON})? (?:went|walked|ran) to the (\w+)\.")
TAKE = re.compile(rf"{PERSON} (?:took|picked up|got) the (?:(\w+) )?(\w+)\.")
GIVE = re.compile(rf"{PERSON} gave the (\w+) to {PERSON}\.")
DROP = re.compile(rf"{PERSON} (?:put down|dropped|left) the (\w+)\.")


class Reader:
    """An independent reader: follows the sentences and answers questions."""

    def __init__(self):
        self.place, self.holder, self.spot, self.color = {}, {}, {}, {}

    def read(self, sentence):
        if hit := GO.fullmatch(sentence):
            for who in filter(None, hit.groups()[:2]):
                self.place[who] = hit[3]
        elif hit := TAKE.fullmatch(sentence):
            who, color, thing = hit.groups()
            assert not self.holder.get(thing)
            assert thing not in self.spot or self.spot[thing] == self.place[who]
            self.holder[thing] = who
            self.color.setdefault(thing, color)
        elif hit := GIVE.fullmatch(sentence):
            giver, thing, receiver = hit.groups()
            assert self.holder[thing] == giver
            assert self.place.get(giver, 0) == self.place.get(receiver, self.place.get(giver, 0)) or (
                giver not in self.place
            )
            self.holder[thing] = receiver
        else:
            who, thing = DROP.fullmatch(sentence).groups()
            assert self.holder[thing] == who
            self.holder[thing], self.spot[thing] = None, self.place[who]

    def answer(self, question):
        word = question.rstrip("?").split()[-1]
        if question.startswith("Who has"):
            return self.holder[word] or "nobody"
        if question.startswith("What color"):
            return self.color[word]
        if word in self.holder:
            holder = self.holder[word]
            return "the " + (self.place[holder] if holder else self.spot[word])
        return "the " + self.place[word]


def test_every_answer_in_the_corpus_follows_from_its_sentences():
    asked = 0
    for document in documents(6, 3000, ["tracking"]):
        reader = Reader()
        for line in document.text.split("\n"):
            if line.startswith("Question:"):
                question, answer = re.fullmatch(r"Question: (.*\?) Answer: (.*)\.", line).groups()
                assert reader.answer(question) == answer, document.text
                asked += 1
            else:
                for sentence in re.findall(r"[^.]+\.", line):
                    reader.read(sentence.strip())
    assert asked > 4500


def test_questions_are_fresh_graded_and_in_the_format_of_the_corpus():
    questions = list(tracking_questions(1, 600))
    assert questions == list(tracking_questions(1, 600))
    assert {question.events for question in questions} == set(range(1, 7))
    for question in questions:
        assert question.prompt.startswith(question.context + "\nQuestion: ")
        assert question.prompt.endswith(" Answer:")
        reader = Reader()
        for sentence in re.findall(r"[^.]+\.", question.context):
            reader.read(sentence.strip())
        asked = question.prompt.split("Question: ")[1].removesuffix(" Answer:")
        assert reader.answer(asked) == question.answer


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (" the garden.", True), ("the garden.\nTom went", True), (" the garden<|end|>", True),
        (" the park.", False), ("", False), (" garden.", False),
        (" the garden and the park.", False),
    ],
)  # fmt: skip
def test_answers_are_compared_up_to_the_first_stop(output, expected):
    assert is_correct_answer(output, "the garden") is expected


def test_short_documents_are_frequent():
    short = sum(d.text.split("\n")[0].count(".") <= 2 for d in documents(2, 500, ["tracking"]))
    assert short > 150
