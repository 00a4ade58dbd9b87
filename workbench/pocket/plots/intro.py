"""How stories begin: who the hero is, and one or two facts about the hero."""

from workbench.pocket.plot import step

MEET = (
    step(
        "new a",
        (
            "{a} was a little {a.kind}.",
            "There was once a {a.kind} named {a}.",
            "Once upon a time, there was a little {a.kind} named {a}.",
            "This is a story about a {a.kind} named {a}.",
            "{a} was a kind {a.kind}.",
            "{a} was a brave little {a.kind}.",
            "{a} was a {a.kind} who liked to laugh.",
        ),
        (
            "{a} era {a.un} {a.kind} pequeñ{a.o}.",
            "Había una vez {a.un} {a.kind} que se llamaba {a}.",
            "Érase una vez {a.un} {a.kind} que se llamaba {a}.",
            "{a} era {a.un} {a.kind} muy buen{a.o}.",
            "Esta es la historia de {a.un} {a.kind} que se llamaba {a}.",
            "{a} era {a.un} {a.kind} a quien le gustaba reír.",
        ),
    ),
    step(
        "new a; keep age a age",
        (
            "{a} was a {age.word}-year-old {a.kind}.",
            "There was a {a.kind} named {a} who was {age.word} years old.",
            "{a} was {age.word} years old.",
            "{a} was a {a.kind}, and {a.she} was {age.word} years old.",
        ),
        (
            "{a} tenía {age.word} años.",
            "{a} era {a.un} {a.kind} de {age.word} años.",
            "Había una vez {a.un} {a.kind} de {age.word} años que se llamaba {a}.",
        ),
    ),
    step(
        "new a; keep home a home",
        (
            "{a} lived {home.in}.",
            "A {a.kind} named {a} lived {home.in}.",
            "Once there was a {a.kind} named {a} who lived {home.in}.",
        ),
        (
            "{a} vivía {home.in}.",
            "Había {a.un} {a.kind} que se llamaba {a} y vivía {home.in}.",
        ),
    ),
)

FACTS = {
    "home": step(
        "keep home a home",
        ("{a} lived {home.in}.", "{a.She} lived {home.in}.", "{a.Her} home was {home.in}."),
        ("{a} vivía {home.in}.", "{a} vivía con su familia {home.in}."),
    ),
    "pet": step(
        "new pet; keep pet a pet",
        (
            "{a} had {pet.a}.",
            "{a.She} had {pet.a} at home.",
            "{a.She} lived with {a.her} {pet.mine}.",
            "{a.Her} best friend was {pet.a}.",
        ),
        ("{a} tenía {pet.a}.", "En casa, {a} tenía {pet.a}.", "{a} vivía con {pet.a}."),
    ),
    "liked": step(
        "keep food a liked",
        (
            "{a} liked {liked.many}.",
            "{a.She} loved to eat {liked.many}.",
            "{a.Her} favorite food was {liked.many}.",
            "{a.She} liked {liked.many} more than anything.",
        ),
        (
            "A {a} le gustaban {liked.some}.",
            "{a} comía muchas veces {liked.many}.",
            "A {a} le encantaban {liked.some}.",
        ),
    ),
    "colour": step(
        "keep colour a colour",
        (
            "{a.Her} favorite color was {colour.word}.",
            "{a} liked the color {colour.word}.",
            "{a.She} always wore something {colour.word}.",
        ),
        (
            "El color favorito de {a} era el {colour.word}.",
            "A {a} le gustaba el color {colour.word}.",
        ),
    ),
    "game": step(
        "keep game a game",
        (
            "{a} liked to {game.play}.",
            "Every day, {a.she} liked to {game.play}.",
            "{a.She} liked to {game.play} with friends.",
        ),
        ("A {a} le gustaba {game.play}.", "Todos los días, a {a} le gustaba {game.play}."),
    ),
}
