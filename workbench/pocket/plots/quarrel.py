"""A quarrel and making up: two friends want the same thing."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "a quarrel",
    (
        step(
            "new b; go a place; go b place",
            (
                "{time.one}, {a} and {b} played {place.in}.",
                "{time.one}, {a} went {place.to} with {b}.",
                "{time.one}, {a} met {b} {place.in}.",
            ),
            (
                "{time.one}, {a} y {b} jugaban {place.in}.",
                "{time.one}, {a} fue {place.to} con {b}.",
                "{time.one}, {a} encontró a {b} {place.in}.",
            ),
        ),
        step(
            "new thing; own b thing",
            ("{b} had {thing.a}.", "{b} had brought {thing.a}.", "{b} found {thing.a} there."),
            ("{b} tenía {thing.a}.", "{b} había traído {thing.a}.", "{b} encontró {thing.a} allí."),
        ),
        step(
            "",
            (
                "{a} wanted {thing.the}, too.",
                '"I want to play with {thing.the}!" said {a}.',
                '"Give me {thing.the}!" said {a}.',
                '"Can I have {thing.the}?" asked {a}.',
            ),
            (
                "{a} también quería {thing.the}.",
                '"¡Quiero jugar con {thing.the}!", dijo {a}.',
                '"¡Dame {thing.the}!", dijo {a}.',
                '"¿Me dejas {thing.the}?", preguntó {a}.',
            ),
        ),
        step(
            "has b thing",
            (
                'But {b} held {thing.the} and said, "No, it is mine!"',
                "But {b} did not want to give {thing.the} away.",
                "{b} hid {thing.the} behind {b.her} back.",
                '"No!" said {b} and held {thing.the} with both hands.',
            ),
            (
                'Pero {b} sujetó {thing.the} y dijo: "¡No, es para mí!"',
                "Pero {b} no quería dar {thing.the}.",
                "{b} escondió {thing.the} detrás de la espalda.",
                '"¡No!", dijo {b}, y sujetó {thing.the} con las dos manos.',
            ),
        ),
        step(
            "",
            (
                "{a} was angry because {b} did not share.",
                "{a} was angry and stamped {a.her} foot.",
                "{a} was so angry that {a.she} shouted at {b}.",
                "{a} got angry, and {a.her} face was hot.",
            ),
            (
                "{a} estaba enfadad{a.o} porque {b} no compartía.",
                "{a} estaba enfadad{a.o} y dio una patada al suelo.",
                "{a} estaba tan enfadad{a.o} que gritó a {b}.",
                "{a} se enfadó y tenía la cara caliente.",
            ),
        ),
        step(
            "",
            (
                "{b} was angry because {a} was so loud.",
                "{b} was angry, too.",
                '"Go away!" said {b}.',
                '"You are not my friend anymore!" said {b}.',
            ),
            (
                "{b} estaba enfadad{b.o} porque {a} gritaba.",
                "{b} también estaba enfadad{b.o}.",
                '"¡Vete!", dijo {b}.',
                '"¡Ya no somos amigos!", dijo {b}.',
            ),
            0.75,
        ),
        step(
            "",
            (
                "{a} walked away and sat alone.",
                "The two friends did not talk for an hour.",
                "Then it was very quiet.",
                "Each friend sat under a different tree.",
            ),
            (
                "{a} se fue y se sentó lejos.",
                "Los dos amigos no hablaron durante una hora.",
                "Después todo quedó en silencio.",
                "Cada uno se sentó debajo de un árbol.",
            ),
            0.7,
        ),
        step(
            "",
            (
                "Soon {b} was sad because it is no fun to play alone.",
                "{a} was sad because {a.she} missed {b}.",
                "After a while, {b} felt sad and looked at {a}.",
                "{a} felt sad, because {b} was a good friend.",
            ),
            (
                "Pronto {b} estaba triste porque jugar sin amigos no es divertido.",
                "{a} estaba triste porque echaba de menos a {b}.",
                "Después de un rato, {b} estaba triste y miró a {a}.",
                "{a} estaba triste, porque {b} era importante.",
            ),
        ),
        step(
            "",
            (
                '"I am sorry," said {a}.',
                '"I am sorry that I was so loud," said {a}.',
                '{a} went to {b} and said, "I am sorry."',
            ),
            (
                '"Lo siento", dijo {a}.',
                '"Siento haber gritado", dijo {a}.',
                '{a} fue hacia {b} y dijo: "Lo siento."',
            ),
        ),
        step(
            "",
            (
                '"I am sorry, too," said {b}.',
                '"It is all right," said {b}.',
                '{b} smiled and said, "Let us be friends again."',
            ),
            (
                '"Yo también lo siento", dijo {b}.',
                '"No pasa nada", dijo {b}.',
                '{b} sonrió y dijo: "Vamos a ser amigos otra vez."',
            ),
        ),
        step(
            "give b a thing",
            (
                "Then {b} gave {thing.the} to {a}.",
                "{b} gave {a} {thing.the} and smiled.",
                "So {b} gave {thing.full} to {a}.",
            ),
            (
                "Entonces {b} le dio {thing.the} a {a}.",
                "{b} le dio {thing.the} a {a} y sonrió.",
                "Así que {b} le dio {thing.full} a {a}.",
            ),
        ),
        step(
            "",
            (
                "{a} and {b} were happy because they were friends again.",
                "They played together with {thing.the} and were happy.",
                "{a} was happy, and {b} was happy, too.",
                "They took turns with {thing.the}, so both were happy.",
            ),
            (
                "{a} y {b} estaban felices porque eran amigos otra vez.",
                "Jugaron juntos con {thing.the} y estaban felices.",
                "{a} estaba feliz, y {b} también.",
                "Usaron {thing.the} por turnos, y los dos estaban felices.",
            ),
        ),
    ),
)
