"""Dialogues: two children talk about feelings, plans, things and each other."""

from random import Random

from workbench.pocket.stories import CHILDREN
from workbench.pocket.words import entries

REASONS = {
    "happy": (
        "I found my {thing.noun}",
        "my grandma is here",
        "we have no school today",
        "I got {thing.a}",
        "the sun is out",
        "I have a new friend",
        "I can {game.play} all day",
    ),
    "sad": (
        "I lost my {thing.noun}",
        "my best friend moved away",
        "my {pet.noun} is sick",
        "nobody wants to play with me",
        "it rains and I must stay at home",
        "my {thing.noun} is broken",
        "my mom is far away",
    ),
    "angry": (
        "my brother took my {thing.noun}",
        "somebody broke my {thing.noun}",
        "it is not fair",
        "a boy pushed me",
        "my sister ate all the {liked.many}",
        "I had to wait so long",
        "they laughed at me",
    ),
    "scared": (
        "there is a big dog",
        "it is so dark",
        "I heard a strange noise",
        "a storm is coming",
        "I saw a spider",
        "I am lost",
        "I have to go to the doctor",
    ),
    "proud": (
        "I can {skill.do} now",
        "I won the race",
        "I helped my mom",
        "I was brave",
        "I finished my book",
        "I made a cake",
        "the teacher liked my picture",
    ),
}
COMFORT = {
    "happy": ("That is wonderful!", "I am happy for you.", "Great! Let us {game.play}."),
    "sad": (
        "I am sorry. Can I help you?",
        "Do not be sad. I am here.",
        "Come, let us {game.play}.",
    ),
    "angry": (
        "Take a deep breath and count to ten.",
        "I understand. Let us talk about it.",
        "That was not nice. Tell your mom.",
    ),
    "scared": (
        "Do not be afraid. I will stay with you.",
        "Hold my hand. We are brave.",
        "It is all right. Nothing will happen.",
    ),
    "proud": ("Well done! You can be proud.", "Wow! Can you show me?", "I knew you could do it."),
}
FEELINGS = tuple(REASONS)

HELLOS = (
    ("Hello, {b}!", "Hello, {a}!"),
    ("Hi, {b}!", "Hi, {a}!"),
    ("Good morning, {b}!", "Good morning, {a}!"),
    ("Hello, {b}! It is good to see you.", "Hi, {a}! I am glad to see you, too."),
)
GOODBYES = (
    ("Goodbye, {b}!", "Bye, {a}!"),
    ("See you tomorrow!", "See you!"),
    ("I have to go home now.", "Goodbye, {a}!"),
    ("Thank you, {b}!", "You are welcome, {a}!"),
)

# Each topic is a talk: turns that go from speaker to speaker, each with its wordings.
TOPICS = (
    (
        ("Where are you going?", "Where do you go today?"),
        ("I am going {place.to}.", "I want to go {place.to}."),
        ("Can I come with you?", "May I go with you?"),
        ("Yes, of course!", "Yes! Let us go together.", "Sorry, not today. Maybe tomorrow."),
    ),
    (
        ("What do you have there?", "What is that?"),
        ("This is my new {thing.noun}. It is {thing.shade}.", "I have {thing.a}."),
        ("Can I play with it?", "It is beautiful!"),
        ("Yes, but be careful.", "Thank you! We can share it.", "Yes, here you are."),
    ),
    (
        ("I am hungry.", "I did not have lunch."),
        ("I have some {liked.many}.", "Do you want {liked.many}?"),
        ("Oh, I love {liked.many}!", "Yes, please. Thank you!"),
        ("Here you are.", "We can share them.", "Take two!"),
    ),
    (
        ("How old are you?",),
        ("I am {age.word} years old. And you?", "I am {age.word}."),
        ("I am {age.word} years old, too.", "Then we are in the same class!"),
        ("That is nice!", "When is your birthday?"),
    ),
    (
        ("Do you have a pet?", "Do you like animals?"),
        ("Yes, I have {pet.a}.", "Yes, my {pet.noun} is {pet.shade}."),
        ("What does it like?", "Can I see it?"),
        ("It likes to play outside.", "It sleeps all day.", "Yes, come to my house."),
    ),
    (
        ("What is your favorite color?", "Which color do you like?"),
        ("My favorite color is {colour.word}.", "I like {colour.word}. And you?"),
        ("I like {colour.word}, too.", "I like all colors."),
        ("Let us paint a picture.", "That is a good color."),
    ),
    (
        ("Where is my {thing.noun}?", "I cannot find my {thing.noun}."),
        ("Did you look {spot.in}?", "Maybe it is {spot.in}."),
        ("You are right, here it is!", "No, it is not there."),
        ("I am glad to help.", "Let us look again."),
    ),
    (
        ("What did you do yesterday?", "What did you do on Sunday?"),
        ("I went {place.to} with my {elder.noun}.", "I was at home. I wanted to {game.play}."),
        ("Was it fun?", "Did you like it?"),
        ("Yes, it was a good day.", "Yes, but then it rained.", "No, I was too tired."),
    ),
    (
        ("Can you help me {chore.do}?", "I have to {chore.do}."),
        ("Yes, I will help you.", "Together it is easy."),
        ("Thank you, you are very kind.", "You are a good friend."),
        ("You are welcome.", "Friends help each other."),
    ),
    (
        ("Can you {skill.do}?", "I want to learn to {skill.do}."),
        ("Yes, I learned it last summer.", "No, not yet. And you?"),
        ("Please show me how.", "We can learn it together."),
        ("Good idea! Let us start.", "It is hard, but we can do it."),
    ),
    (
        ("Why is the street wet?", "Why are you wet?"),
        ("Because it rained this morning.", "It rained, and I had no umbrella."),
        ("Are you cold?", "Do you have dry shoes?"),
        ("No, it is all right.", "Yes, I want to go home."),
    ),
    (
        ("Where do you live?",),
        ("I live {home.in}.", "My home is {home.in}."),
        ("Is it far away?", "Do you like it there?"),
        ("No, it is very near.", "Yes, I like it very much."),
    ),
)
ROLES = (
    "age",
    "pet",
    "home",
    "colour",
    "game",
    "thing",
    "skill",
    "place",
    "spot",
    "elder",
    "chore",
)


def _draw(random, options):
    return options[int(random() * len(options))]


def _feeling_talk(random) -> list[str]:
    feeling = _draw(random, FEELINGS)
    reason = _draw(random, REASONS[feeling])
    very = "very " if random() < 0.25 else ""
    question = _draw(random, ("How are you?", "How do you feel today?", "How are you today?"))
    return [question, f"I am {very}{feeling} because {reason}.", _draw(random, COMFORT[feeling])]


def _turns(random) -> list[str]:
    turns = list(_draw(random, HELLOS)) if random() < 0.7 else []
    if random() < 0.45:
        turns += _feeling_talk(random)
    else:
        turns += [_draw(random, ways) for ways in _draw(random, TOPICS)]
    if random() < 0.45:
        turns += _draw(random, GOODBYES) if len(turns) % 2 == 0 else ["Thank you!"]
    return turns


def write(rng: Random) -> str:
    """Write one dialogue, a line a turn, each with the speaker's name."""
    random = rng.random
    people = entries("person", "english")
    first = int(random() * CHILDREN)
    second = (first + 1 + int(random() * (CHILDREN - 1))) % CHILDREN
    roles = {role: _draw(random, entries(role, "english")) for role in ROLES}
    roles |= {
        "liked": _draw(random, entries("food", "english")),
        "a": people[first],
        "b": people[second],
    }
    lines = [f"{{{'ab'[turn % 2]}}}: {line}" for turn, line in enumerate(_turns(random))]
    return _named("\n".join(lines)).format_map(roles)


def _named(pattern: str) -> str:
    """Return a pattern in which "{a}" reads "{a.name}", ready for ``str.format_map``."""
    return pattern.replace("{a}", "{a.name}").replace("{b}", "{b.name}")
