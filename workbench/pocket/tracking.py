"""Who is where, who has what: short event lists with questions, graded from one to six events."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from workbench.pocket import wordlists

PEOPLE = wordlists.GIRLS + wordlists.BOYS
PLACES = tuple(row[0] for row in wordlists.PLACES)
THINGS = tuple(row[0] for row in wordlists.THINGS)
COLOURS = tuple(row[0] for row in wordlists.COLOURS)

# Many documents are short, so that a small model gets a foothold.
EVENT_COUNTS = (1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6)
COLOUR_SHARE = 0.3
QUESTION_BETWEEN_SHARE = 0.3

GO = ("went to", "went to", "walked to", "ran to")
TAKE = ("took", "took", "picked up", "got")
DROP = ("put down", "put down", "dropped", "left")


@dataclass(slots=True)
class Scene:
    """A small world: where each person is, who holds each thing, where a thing lies."""

    people: list[str]
    things: list[str]
    colours: dict[str, str] = field(default_factory=dict)
    place: dict[str, str] = field(default_factory=dict)
    holder: dict[str, str | None] = field(default_factory=dict)
    lies: dict[str, str] = field(default_factory=dict)

    def spot_of(self, thing: str) -> str | None:
        """Return the place of a thing: where its holder is, or where it was put down."""
        holder = self.holder.get(thing)
        return self.place.get(holder) if holder else self.lies.get(thing)


def _scene(rng: Random, events: int) -> Scene:
    random = rng.random
    wanted = 1 + (events > 1) + (events > 3 and random() < 0.5)
    people: list[str] = []
    while len(people) < wanted:
        name = PEOPLE[int(random() * len(PEOPLE))]
        if name not in people:
            people.append(name)
    things = [THINGS[int(random() * len(THINGS))]]
    if events > 2 and random() < 0.4:
        other = THINGS[int(random() * len(THINGS))]
        if other not in things:
            things.append(other)
    return Scene(people, things)


def _event(rng: Random, scene: Scene) -> str:
    """Let something possible happen and say it."""
    random = rng.random
    draw = random()
    who = scene.people[int(random() * len(scene.people))]
    thing = scene.things[int(random() * len(scene.things))]
    holder = scene.holder.get(thing)
    if draw < 0.62 and holder is None and _can_reach(scene, who, thing):
        return _take(random, scene, who, thing)
    if draw < 0.42 and holder:
        receiver = scene.people[int(random() * len(scene.people))]
        if receiver != holder and _together(scene, holder, receiver):
            scene.holder[thing] = receiver
            return f"{holder} gave the {thing} to {receiver}."
    if draw < 0.58 and holder and holder in scene.place:
        scene.holder[thing] = None
        scene.lies[thing] = scene.place[holder]
        return f"{holder} {DROP[int(random() * 4)]} the {thing}."
    return _go(random, scene, who)


def _can_reach(scene: Scene, who: str, thing: str) -> bool:
    return thing not in scene.lies or scene.lies[thing] == scene.place.get(who)


def _together(scene: Scene, one: str, other: str) -> bool:
    """Two people may meet unless both are known to be in different places."""
    places = scene.place
    return one not in places or other not in places or places[one] == places[other]


def _take(random, scene: Scene, who: str, thing: str) -> str:
    scene.holder[thing] = who
    verb = TAKE[int(random() * 4)]
    if thing in scene.colours or thing in scene.lies or random() >= COLOUR_SHARE:
        return f"{who} {verb} the {thing}."
    scene.colours[thing] = colour = COLOURS[int(random() * len(COLOURS))]
    return f"{who} {verb} the {colour} {thing}."


def _go(random, scene: Scene, who: str) -> str:
    place = PLACES[int(random() * len(PLACES))]
    while place == scene.place.get(who):
        place = PLACES[int(random() * len(PLACES))]
    scene.place[who] = place
    verb = GO[int(random() * 4)]
    if len(scene.people) > 1 and random() < 0.12:
        other = scene.people[0] if who != scene.people[0] else scene.people[1]
        scene.place[other] = place
        return f"{who} and {other} {verb} the {place}."
    return f"{who} {verb} the {place}."


def _questions(scene: Scene) -> list[tuple[str, str]]:
    """Return every question that the events so far answer, with its answer."""
    asked = [(f"Where is {who}?", f"the {place}") for who, place in scene.place.items()]
    for thing, holder in scene.holder.items():
        asked.append((f"Who has the {thing}?", holder or "nobody"))
        if spot := scene.spot_of(thing):
            asked.append((f"Where is the {thing}?", f"the {spot}"))
        if thing in scene.colours and len(scene.holder) < 3:
            asked.append((f"What color is the {thing}?", scene.colours[thing]))
    return asked


def _ask(rng: Random, scene: Scene, count: int) -> list[tuple[str, str]]:
    asked = _questions(scene)
    while len(asked) > count:
        del asked[int(rng.random() * len(asked))]
    return asked


def write(rng: Random) -> str:
    """Write one tracking document: events, with questions between them and at the end."""
    random = rng.random
    events = EVENT_COUNTS[int(random() * len(EVENT_COUNTS))]
    scene = _scene(rng, events)
    between = random() < QUESTION_BETWEEN_SHARE
    lines, sentences = [], []
    for number in range(1, events + 1):
        sentences.append(_event(rng, scene))
        if number == events or (between and random() < 0.5):
            lines.append(" ".join(sentences))
            sentences = []
            count = 1 if number < events else 2 + int(random() * 2)
            lines.extend(f"Question: {q} Answer: {a}." for q, a in _ask(rng, scene, count))
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class TrackingQuestion:
    """A context, a prompt that ends in "Answer:", and the answer; `prompt` holds the context."""

    context: str
    prompt: str
    answer: str
    events: int


def tracking_questions(seed: int, count: int) -> Iterator[TrackingQuestion]:
    """Yield fresh questions in the format of the pretraining text, easy and hard ones mixed."""
    for index in range(count):
        rng = Random(f"tracking question {seed} {index}")
        events = EVENT_COUNTS[int(rng.random() * len(EVENT_COUNTS))]
        scene = _scene(rng, events)
        context = " ".join(_event(rng, scene) for _ in range(events))
        ((question, answer),) = _ask(rng, scene, 1)
        yield TrackingQuestion(context, f"{context}\nQuestion: {question} Answer:", answer, events)


def is_correct_answer(output: str, answer: str) -> bool:
    """Tell whether a sampled continuation begins with the answer, followed by a stop."""
    return _first_phrase(output) == _first_phrase(answer)


def _first_phrase(text: str) -> str:
    line = text.strip().split("\n", 1)[0]
    return line.split(".", 1)[0].split("<|end|>", 1)[0].strip()


@dataclass(frozen=True, slots=True)
class Claim:
    """What happened, a sentence about it, and whether the sentence follows."""

    context: str
    sentence: str
    follows: bool


def claim(rng: Random, follows: bool) -> Claim:
    """A claim about who is where or who has what; a false one names another place or person."""
    events = EVENT_COUNTS[int(rng.random() * len(EVENT_COUNTS))]
    scene = _scene(rng, events)
    context = " ".join(_event(rng, scene) for _ in range(events))
    true = [(f"{who} is at the", place) for who, place in scene.place.items()]
    true += [(f"The {thing} is at the", spot) for thing in scene.holder if (spot := scene.spot_of(thing))]
    true += [(f"The one who has the {thing} is", holder) for thing, holder in scene.holder.items() if holder]
    start, value = rng.choice(true)
    if not follows:
        value = rng.choice([other for other in _others(scene, context, value) if other != value])
    return Claim(context, f"{start} {value}.", follows)


def _others(scene: Scene, context: str, value: str) -> list[str]:
    """What could stand instead: what the context names too, if it does, so that names alone tell nothing."""
    kind = PEOPLE if value in PEOPLE else PLACES
    named = [other for other in kind if other != value and f" {other}" in f" {context}"]
    return named or [other for other in kind if other != value]
