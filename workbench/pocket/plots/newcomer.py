"""A new friend: somebody is new and shy."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "a new friend",
    (
        step(
            "new b; go a place; go b place",
            (
                "{time.one}, {a} went {place.to} and saw a new {b.kind} named {b}.",
                "{time.one}, {a} was {place.in}, and there was a new {b.kind}, {b}.",
                "{time.one}, {a} went {place.to}, and {b} was there for the first time.",
            ),
            (
                "{time.one}, {a} fue {place.to} y vio a {b.un} {b.kind} que se llamaba {b}.",
                "{time.one}, {a} estaba {place.in}, y allí estaba también {b}.",
                "{time.one}, {a} fue {place.to}, y {b} estaba allí por primera vez.",
            ),
        ),
        step(
            "at b place",
            (
                "{b} stood alone {place.in} and looked at the ground.",
                "{b} did not know anybody {place.in}.",
                "Everybody played {place.in}, but {b} only watched.",
            ),
            (
                "{b} no jugaba {place.in} y miraba al suelo.",
                "{b} no conocía a nadie {place.in}.",
                "Todos jugaban {place.in}, pero {b} solo miraba.",
            ),
        ),
        step(
            "",
            (
                "{b} was scared because everything was new.",
                "{b} was sad because {b.she} had no friends there.",
                "{b} was scared to talk to the others.",
                "{b} was sad because {b.she} missed {b.her} old home.",
            ),
            (
                "{b} tenía miedo porque todo era nuevo.",
                "{b} estaba triste porque no tenía amigos allí.",
                "{b} tenía miedo de hablar con los otros.",
                "{b} estaba triste porque echaba de menos su antigua casa.",
            ),
        ),
        step(
            "",
            (
                "{a} saw this and walked over.",
                "{a} remembered that {a.she} was new once, too.",
                '"I must do something," thought {a}.',
                "{a} waved and smiled.",
            ),
            (
                "{a} lo vio y fue hacia allí.",
                "{a} recordó que una vez todo fue nuevo para {a.ella} también.",
                '"Tengo que hacer algo", pensó {a}.',
                "{a} saludó y sonrió.",
            ),
            0.75,
        ),
        step(
            "",
            (
                '"Hello, my name is {a}," {a.she} said.',
                '"Hi! I am {a}. Who are you?" {a.she} asked.',
                '"Do you want to {game.play} with us?" asked {a}.',
                '"Come and sit with me," said {a}.',
            ),
            (
                '"Hola, me llamo {a}", dijo {a.ella}.',
                '"¡Hola! Soy {a}. ¿Y tú?", preguntó {a.ella}.',
                '"¿Quieres {game.play} con nosotros?", preguntó {a}.',
                '"Ven, siéntate aquí", dijo {a}.',
            ),
        ),
        step(
            "",
            (
                '"I am {b}," {b.she} said in a small voice.',
                "{b} nodded and smiled a little.",
                "At first, {b} did not say a word.",
                '"Thank you," said {b}.',
            ),
            (
                '"Soy {b}", dijo {b.ella} en voz baja.',
                "{b} dijo que sí y sonrió un poco.",
                "Al principio, {b} no dijo nada.",
                '"Gracias", dijo {b}.',
            ),
            0.8,
        ),
        step(
            "",
            (
                "They found out that they both liked {liked.many}.",
                "{b} told {a} about {b.her} home far away.",
                "Soon they laughed about the same jokes.",
                "{b} knew a new game, and {a} liked it.",
                "{a} showed {b} the best places.",
            ),
            (
                "A los dos les gustaban {liked.some}.",
                "{b} le habló a {a} de su casa, que estaba muy lejos.",
                "Pronto se rieron de los mismos chistes.",
                "{b} conocía un juego nuevo, y a {a} le gustó.",
                "{a} le enseñó todo a {b}.",
            ),
        ),
        step(
            "new thing; own b thing",
            ("{b} had {thing.a} in {b.her} bag.", "{b} took out {thing.a}."),
            ("{b} tenía {thing.a} en la mochila.", "{b} sacó {thing.a}."),
            0.5,
        ),
        step(
            "",
            (
                "They played the whole afternoon.",
                "The time went by very fast.",
                "Then the other children came and played with them.",
                "They ran, jumped and laughed.",
            ),
            (
                "Jugaron toda la tarde.",
                "El tiempo pasó muy rápido.",
                "Luego llegaron los otros niños y jugaron todos.",
                "Corrieron, saltaron y rieron.",
            ),
            0.7,
        ),
        step(
            "",
            (
                "{b} was happy because {b.she} had a friend.",
                "Now {b} was happy and not shy anymore.",
                "{a} was happy because {b} laughed.",
                "{b} was proud because {b.she} had talked to everybody.",
                "{a} was proud because {a.she} had helped {b}.",
            ),
            (
                "{b} estaba feliz porque ya tenía amigos.",
                "Ahora {b} estaba content{b.o}.",
                "{a} estaba feliz porque {b} se reía.",
                "{b} estaba orgullos{b.o} porque habló con todos.",
                "{a} estaba orgullos{a.o} porque ayudó a {b}.",
            ),
        ),
        step(
            "",
            (
                '"See you tomorrow, {a}!" said {b}.',
                "From then on, {a} and {b} were best friends.",
                '"A new friend is like a gift," said {a}.',
            ),
            (
                '"¡Hasta mañana, {a}!", dijo {b}.',
                "Desde entonces, {a} y {b} jugaron juntos todos los días.",
                '"Hacer amigos es como un regalo", dijo {a}.',
            ),
            0.8,
        ),
    ),
)
