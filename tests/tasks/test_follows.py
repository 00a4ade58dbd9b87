"""What follows really follows: every claim is held against a reading of its own of what happened."""

import re

from workbench.tasks.contract import Record
from workbench.tasks.follows import Follows
from workbench.tasks.scoring import score_answers

WENT = re.compile(r"(\w+)(?: and (\w+))? (?:went|walked|ran) to the (\w+)\.")
TOOK = re.compile(r"(\w+) (?:took|picked up|got) the (?:\w+ )?(\w+)\.")
GAVE = re.compile(r"(\w+) gave the (\w+) to (\w+)\.")
DROPPED = re.compile(r"(\w+) (?:put down|dropped|left) the (\w+)\.")


def facts(context: str) -> set[str]:
    """All claims about places and owners that are true after these events."""
    place: dict[str, str] = {}
    holder: dict[str, str] = {}
    lies: dict[str, str] = {}
    for sentence in re.findall(r"[^.]+\.", context):
        if found := WENT.search(sentence):
            place |= dict.fromkeys([who for who in found.groups()[:2] if who], found[3])
        elif found := GAVE.search(sentence):
            holder[found[2]] = found[3]
        elif found := DROPPED.search(sentence):
            lies[found[2]] = place[holder.pop(found[2])]
        elif found := TOOK.search(sentence):
            holder[found[2]] = found[1]
            lies.pop(found[2], None)
        else:
            raise AssertionError(sentence)
    spots = lies | {thing: place[who] for thing, who in holder.items() if who in place}
    return {
        *(f"{who} is at the {spot}." for who, spot in place.items()),
        *(f"The {thing} is at the {spot}." for thing, spot in spots.items()),
        *(f"The one who has the {thing} is {who}." for thing, who in holder.items()),
    }


def parts(record: Record) -> tuple[str, str]:
    return record.prompt[: record.cut].strip(), record.prompt[record.cut :].removesuffix("\nFollows:")


def test_a_claim_is_true_where_the_answer_is_yes() -> None:
    records = Follows().records("train", 600, 0)
    for record in records:
        context, claim = parts(record)
        assert (claim in facts(context)) == (record.target == " yes"), record
    assert sum(record.target == " yes" for record in records) == 300


def test_names_alone_do_not_tell() -> None:
    """Of the false claims most name what occurs in the events too."""
    false = [parts(record) for record in Follows().records("train", 600, 0) if record.target == " no"]
    named = [claim.removesuffix(".").split()[-1] in context for context, claim in false]
    assert sum(named) / len(named) > 0.5


def test_an_answer_is_its_first_word() -> None:
    records = Follows().records("evaluation", 4, 0)
    answers = [f"{record.target.upper()}, because" for record in records]
    assert score_answers(Follows(), records, answers) == {"accuracy": 1.0, "macro_f1": 1.0, "mcc": 1.0}
    assert Follows().score(records, ["maybe"] * 4)["accuracy"] == 0
