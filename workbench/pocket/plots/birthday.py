"""A birthday surprise: the hero thinks that everybody forgot."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "a birthday surprise",
    (
        step(
            "",
            (
                "Today was {a.her} birthday.",
                "{time.one}, {a} had a birthday.",
                "{time.one}, {a} woke up early because it was {a.her} birthday.",
                "{a} had waited a long time for {a.her} birthday.",
            ),
            (
                "Hoy era el cumpleaños de {a}.",
                "{time.one}, {a} cumplía años.",
                "{time.one}, {a} se despertó pronto porque era su cumpleaños.",
                "{a} había esperado mucho su cumpleaños.",
            ),
        ),
        step(
            "",
            (
                "But nobody said anything.",
                "But the house was empty.",
                "{a} looked in every room, but nobody was there.",
                "There was no cake and no song.",
            ),
            (
                "Pero nadie decía nada.",
                "Pero la casa estaba vacía.",
                "{a} miró en todas partes, pero no había nadie.",
                "No había pastel ni canciones.",
            ),
        ),
        step(
            "",
            (
                "{a} was sad because everybody had forgotten {a.him}.",
                '"They forgot me," said {a}, and {a.she} was sad.',
                "{a} sat on the stairs and was sad.",
                "{a} was angry because nobody remembered the day.",
            ),
            (
                "{a} estaba triste porque nadie se acordaba.",
                '"Se han olvidado de mí", dijo {a}, y estaba triste.',
                "{a} se sentó en la escalera y estaba triste.",
                "{a} estaba enfadad{a.o} porque nadie se acordaba.",
            ),
        ),
        step(
            "new b",
            (
                "Then {b} came to the door.",
                "In the afternoon, {a.her} friend {b} came.",
                "After lunch, {b} called {a}.",
            ),
            (
                "Entonces {b} llamó a la puerta.",
                "Por la tarde, {b} llegó a casa.",
                "Después de comer, {b} llamó a {a}.",
            ),
        ),
        step(
            "",
            (
                '"Come with me and close your eyes," said {b}.',
                '"{a}, I want to show you something," said {b}.',
                "{b} took {a} by the hand.",
                '"Can you come outside for a minute?" asked {b}.',
            ),
            (
                '"Ven conmigo y cierra los ojos", dijo {b}.',
                '"{a}, quiero enseñarte algo", dijo {b}.',
                "{b} tomó la mano de {a}.",
                '"¿Puedes venir un momento?", preguntó {b}.',
            ),
        ),
        step(
            "go a place; go b place",
            (
                "{a} and {b} went {place.to}.",
                "{b} and {a} walked {place.to}.",
                "So {a} and {b} ran {place.to}.",
            ),
            (
                "{a} y {b} fueron {place.to}.",
                "{b} y {a} caminaron {place.to}.",
                "Así que {a} y {b} corrieron {place.to}.",
            ),
        ),
        step(
            "at a place",
            (
                "All of {a.her} friends were {place.in}, and {a} could not believe it.",
                "When {a} was {place.in}, {a.she} opened {a.her} eyes.",
                "There, {place.in}, {a} saw balloons and flowers.",
            ),
            (
                "Todos los amigos estaban {place.in}, y {a} no lo podía creer.",
                "Cuando {a} estaba {place.in}, abrió los ojos.",
                "Allí, {place.in}, {a} vio globos y flores.",
            ),
        ),
        step(
            "",
            (
                '"Surprise! Happy birthday!" they all said.',
                "Everybody sang a song for {a}.",
                '"Happy birthday, {a}!" said {b}.',
            ),
            (
                '"¡Sorpresa! ¡Feliz cumpleaños!", dijeron todos.',
                "Todos cantaron una canción para {a}.",
                '"¡Feliz cumpleaños, {a}!", dijo {b}.',
            ),
        ),
        step(
            "",
            (
                "There was a cake with candles on the table.",
                "{a} blew out all the candles.",
                "There was music, and everybody danced.",
                "They ate cake and drank lemonade.",
            ),
            (
                "Había un pastel con velas en la mesa.",
                "{a} sopló todas las velas.",
                "Había música y todos bailaron.",
                "Comieron pastel y bebieron limonada.",
            ),
            0.7,
        ),
        step(
            "new thing; own a thing",
            (
                "{b} gave {a} {thing.a}.",
                "{a} opened a box, and in it was {thing.a}.",
                "{a} got {thing.a} from {b}.",
            ),
            (
                "{b} le regaló {thing.a} a {a}.",
                "{a} abrió una caja, y dentro había {thing.a}.",
                "{a} recibió {thing.a} de {b}.",
            ),
            0.8,
        ),
        step(
            "",
            (
                "{a} was happy because nobody had forgotten {a.him}.",
                "{a} was so happy that {a.she} jumped up and down.",
                "Now {a} was happy, because {a.her} friends were there.",
                "{a} was very happy and hugged {b}.",
            ),
            (
                "{a} estaba feliz porque nadie se había olvidado.",
                "{a} estaba tan content{a.o} que saltó de alegría.",
                "Ahora {a} estaba content{a.o} con sus amigos.",
                "{a} estaba muy feliz y abrazó a {b}.",
            ),
        ),
        step(
            "",
            (
                "It was the best birthday ever.",
                "{b} was proud of the secret plan.",
                '"Thank you, friends!" said {a}.',
                "In the evening, {a} was tired but happy.",
            ),
            (
                "Fue el mejor cumpleaños de todos.",
                "{b} estaba orgullos{b.o} de su plan secreto.",
                '"¡Gracias, amigos!", dijo {a}.',
                "Por la noche, {a} tenía sueño, pero estaba content{a.o}.",
            ),
            0.75,
        ),
    ),
)
