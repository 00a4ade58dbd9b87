"""Lost and found: something is gone, a friend helps to look, and it turns up."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "lost and found",
    (
        step(
            "new thing; own a thing",
            (
                "{a} had {thing.a} and took it everywhere.",
                "{a} had a new {thing.noun}, and it was {thing.shade}.",
                "For {a.her} birthday, {a} got {thing.a}.",
                "{a.Her} favorite thing was {thing.a}.",
                "{a.Her} grandma gave {a.him} {thing.a}.",
            ),
            (
                "{a} tenía {thing.a} que le gustaba mucho.",
                "Por su cumpleaños, {a} recibió {thing.a}.",
                "La cosa favorita de {a} era {thing.a}.",
                "A {a} le regalaron {thing.a}.",
            ),
        ),
        step(
            "go a place",
            (
                "{time.one}, {a} went {place.to}.",
                "{time.one}, {a} walked {place.to} to play.",
                "{time.one}, {a.she} ran {place.to}.",
                "{time.one}, {a} and {a.her} mom went {place.to}.",
            ),
            (
                "{time.one}, {a} fue {place.to}.",
                "{time.one}, {a} caminó {place.to} para jugar.",
                "{time.one}, {a} corrió {place.to}.",
                "{time.one}, {a} y su mamá fueron {place.to}.",
            ),
        ),
        step(
            "drop a thing",
            (
                "There {a.she} lost {a.her} {thing.noun}.",
                "But then {a} could not find {a.her} {thing.noun} anymore.",
                "{a} played so much that {a.she} lost {thing.the}.",
                "{thing.The} fell out of {a.her} hands, and {a} did not see it.",
            ),
            (
                "Allí {a} perdió su {thing.noun}.",
                "Pero después {a} ya no encontraba su {thing.noun}.",
                "{a} jugó tanto que perdió {thing.the}.",
                "A {a} se le cayó {thing.the} y no lo vio.",
            ),
        ),
        step(
            "",
            (
                '"Where is my {thing.noun}?" asked {a}.',
                '"Oh no! My {thing.noun} is gone!" said {a}.',
                "{a} looked here and there, but {thing.the} was gone.",
            ),
            (
                '"¿Dónde está mi {thing.noun}?", preguntó {a}.',
                '"¡Oh, no! ¡No encuentro mi {thing.noun}!", dijo {a}.',
                "{a} buscó por todas partes, pero {thing.the} no estaba.",
            ),
            0.7,
        ),
        step(
            "",
            (
                "{a} was sad because {thing.the} was lost.",
                "{a.She} was so sad that {a.she} cried.",
                "{a} felt sad and sat down on the ground.",
                "{a} was very sad and had tears in {a.her} eyes.",
            ),
            (
                "{a} estaba triste porque no encontraba {thing.the}.",
                "{a} estaba tan triste que lloró.",
                "{a} se sentía triste y se sentó en el suelo.",
                "{a} estaba muy triste y tenía lágrimas en los ojos.",
            ),
        ),
        step(
            "new b; join b place",
            (
                "Then {b} came {place.to} and saw {a}.",
                "{a.Her} friend {b} was {place.in} too.",
                "{b} came {place.to} and asked why {a} was sad.",
            ),
            (
                "Entonces {b} llegó {place.to} y vio a {a}.",
                "{b} también estaba {place.in}.",
                "{b} llegó {place.to} y preguntó por qué {a} estaba triste.",
            ),
        ),
        step(
            "",
            (
                '"Do not cry, {a}, I will help you," said {b}.',
                '"Let us look for it together," said {b}.',
                '{b} said, "Two friends see more than one."',
                '"I have good eyes, so I can help," said {b}.',
            ),
            (
                '"No llores, {a}, yo te ayudo", dijo {b}.',
                '"Vamos a buscar juntos", dijo {b}.',
                '{b} dijo: "Dos amigos ven más que uno."',
                '"Tengo buenos ojos y puedo ayudar", dijo {b}.',
            ),
        ),
        step(
            "",
            (
                "They looked up and down and asked everybody.",
                "They looked for a long time.",
                "The two friends looked under every leaf.",
                "First they found an old shoe and a stone.",
            ),
            (
                "Buscaron arriba y abajo y preguntaron a todos.",
                "Buscaron durante mucho tiempo.",
                "Buscaron debajo de cada hoja.",
                "Primero encontraron un zapato viejo y una piedra.",
            ),
            0.6,
        ),
        step(
            "take b thing",
            (
                "At last, {b} found {thing.full} {spot.in}.",
                "{b} looked {spot.in}, and there was {thing.the}!",
                "Suddenly, {b} saw {thing.the} {spot.in} and picked it up.",
            ),
            (
                "Por fin, {b} encontró {thing.full} {spot.in}.",
                "{b} miró {spot.in}, ¡y allí estaba {thing.the}!",
                "De pronto, {b} vio {thing.the} {spot.in}.",
            ),
        ),
        step(
            "give b a thing",
            (
                "{b} gave {thing.the} to {a}.",
                "{b} gave {a} {thing.the}.",
                "{b} put {thing.the} in the hands of {a}.",
            ),
            (
                "{b} le dio {thing.the} a {a}.",
                "{b} puso {thing.the} en las manos de {a}.",
                "{b} le devolvió {thing.the} a {a}.",
            ),
        ),
        step(
            "has a thing",
            (
                "{a} was happy because {a.she} had {a.her} {thing.noun} again.",
                "Now {a} was happy and held {thing.the} with both hands.",
                "{a} hugged {a.her} {thing.noun} and was very happy.",
                "{a} laughed because {thing.the} was back.",
            ),
            (
                "{a} estaba content{a.o} porque tenía otra vez su {thing.noun}.",
                "{a} estaba muy feliz con su {thing.noun}.",
                "{a} abrazó su {thing.noun} y se puso muy content{a.o}.",
                "{a} se rio porque tenía otra vez {thing.the}.",
            ),
        ),
        step(
            "",
            (
                '"Thank you, {b}!" said {a}.',
                "After that, {a} always looked after {a.her} things.",
                "{b} was proud because {b.she} had good eyes.",
                "Then they played together until dark.",
            ),
            (
                '"¡Gracias, {b}!", dijo {a}.',
                "Desde ese día, {a} cuidó bien sus cosas.",
                "{b} estaba orgullos{b.o} de sus buenos ojos.",
                "Luego jugaron juntos hasta la noche.",
            ),
            0.8,
        ),
    ),
)
