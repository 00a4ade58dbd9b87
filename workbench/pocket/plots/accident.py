"""An accident and the truth: cause, effect and an honest word."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "an accident and the truth",
    (
        step(
            "new elder",
            (
                "{time.one}, {a} was in the kitchen with {a.her} {elder.noun}.",
                "{time.one}, {a} played in the house, and {a.her} {elder.noun} was outside.",
                "{time.one}, {a.her} {elder.noun} went out, and {a} was alone.",
            ),
            (
                "{time.one}, {a} estaba en la cocina con su {elder.noun}.",
                "{time.one}, {a} jugaba en casa y su {elder.noun} estaba fuera.",
                "{time.one}, su {elder.noun} salió, y {a} jugaba en casa.",
            ),
        ),
        step(
            "",
            (
                "{a} ran too fast and hit the table.",
                "{a} threw a pillow into the air.",
                "{a} was thirsty and climbed on a chair.",
                "{a} danced around the table.",
            ),
            (
                "{a} corrió demasiado y chocó con la mesa.",
                "{a} tiró una almohada al aire.",
                "{a} tenía sed y se subió a una silla.",
                "{a} bailó alrededor de la mesa.",
            ),
        ),
        step(
            "",
            (
                "A cup fell, so the milk was on the floor.",
                "The vase fell down and broke, so there was water everywhere.",
                "A plate fell and broke into three pieces.",
                "The jar of jam fell, so the floor was red.",
                "The flour fell down, so everything was white.",
            ),
            (
                "Un vaso se cayó y la leche estaba en el suelo.",
                "El jarrón se cayó y se rompió, y había agua por todas partes.",
                "Un plato se cayó y se rompió en tres pedazos.",
                "El bote de mermelada se cayó y el suelo estaba rojo.",
                "La harina se cayó y todo estaba blanco.",
            ),
        ),
        step(
            "",
            (
                "{a} was scared because {a.her} {elder.noun} would see it.",
                "{a} was scared and wanted to hide.",
                "{a} was scared, and {a.her} hands shook.",
            ),
            (
                "{a} tenía miedo porque su {elder.noun} lo iba a ver.",
                "{a} tenía miedo y quería esconderse.",
                "{a} estaba asustad{a.o} y le temblaban las manos.",
            ),
        ),
        step(
            "",
            (
                '"Should I tell the truth?" thought {a}.',
                '"I can say it was the cat," thought {a}.',
                "{a} looked for a broom.",
                "First, {a} wanted to run away.",
            ),
            (
                '"¿Debo decir la verdad?", pensó {a}.',
                '"Puedo decir que fue el gato", pensó {a}.',
                "{a} buscó una escoba.",
                "Primero, {a} quería salir corriendo.",
            ),
            0.7,
        ),
        step(
            "",
            (
                'Then {a.her} {elder.noun} came in and asked, "What happened here?"',
                "{a.Her} {elder.noun} heard the noise and came in.",
                '"What was that noise?" asked {a.her} {elder.noun}.',
            ),
            (
                'Entonces su {elder.noun} entró y preguntó: "¿Qué ha pasado aquí?"',
                "Su {elder.noun} oyó el ruido y entró.",
                '"¿Qué ha sido ese ruido?", preguntó su {elder.noun}.',
            ),
        ),
        step(
            "",
            (
                "{a.Her} {elder.noun} was angry because of the mess.",
                "{a.Her} {elder.noun} was angry and had to clean it up.",
                "{a.Her} {elder.noun} looked at the floor and was angry.",
            ),
            (
                "Su {elder.noun} estaba enfadad{elder.o} porque todo estaba sucio.",
                "Su {elder.noun} estaba enfadad{elder.o} y tenía que limpiar.",
                "Su {elder.noun} miró el suelo y estaba enfadad{elder.o}.",
            ),
            0.7,
        ),
        step(
            "",
            (
                '"It was me, and I am sorry," said {a}.',
                "{a} told the truth.",
                '"I did it, but I did not want to," said {a}.',
                '{a} said, "I was not careful. I am sorry."',
            ),
            (
                '"Fui yo, lo siento", dijo {a}.',
                "{a} dijo la verdad.",
                '"Fui yo, pero no quería hacerlo", dijo {a}.',
                '{a} dijo: "No tuve cuidado. Lo siento."',
            ),
        ),
        step(
            "",
            (
                '"Thank you for the truth," said {a.her} {elder.noun}.',
                "{a.Her} {elder.noun} was not angry anymore.",
                '"Things can break, but friends tell the truth," said {a.her} {elder.noun}.',
                '"That can happen to everybody," said {a.her} {elder.noun}.',
            ),
            (
                '"Gracias por decir la verdad", dijo su {elder.noun}.',
                "Su {elder.noun} ya no estaba enfadad{elder.o}.",
                '"Lo importante es decir la verdad", dijo su {elder.noun}.',
                '"Eso le puede pasar a todo el mundo", dijo su {elder.noun}.',
            ),
        ),
        step(
            "",
            (
                "Together they cleaned the floor.",
                "{a} took a cloth and cleaned everything.",
                "They swept the floor, and soon it was clean.",
                "So {a} and {a.her} {elder.noun} cleaned the room.",
            ),
            (
                "Juntos limpiaron el suelo.",
                "{a} tomó un trapo y limpió todo.",
                "Barrieron el suelo, y pronto estaba limpio.",
                "Así que {a} y su {elder.noun} limpiaron todo.",
            ),
        ),
        step(
            "",
            (
                "{a} was proud because {a.she} had told the truth.",
                "{a} was happy because {a.her} {elder.noun} gave {a.him} a hug.",
                "{a} was proud of being honest.",
                "{a} was happy that everything was good again.",
            ),
            (
                "{a} estaba orgullos{a.o} porque dijo la verdad.",
                "{a} estaba feliz porque su {elder.noun} le dio un abrazo.",
                "{a} estaba orgullos{a.o} de decir la verdad.",
                "{a} estaba content{a.o} porque todo estaba bien otra vez.",
            ),
        ),
        step(
            "",
            (
                "From then on, {a} was more careful.",
                '"Next time, I will walk slowly," said {a}.',
                "Then they had some tea and bread.",
            ),
            (
                "Desde entonces, {a} tuvo más cuidado.",
                '"La próxima vez, voy a ir despacio", dijo {a}.',
                "Luego tomaron té y pan.",
            ),
            0.7,
        ),
    ),
)
