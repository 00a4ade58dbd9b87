"""Helping: a grown-up is tired, and the hero does a chore."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "helping",
    (
        step(
            "new elder",
            (
                "{time.one}, {a.her} {elder.noun} came home and was tired.",
                "{time.one}, {a} visited {a.her} {elder.noun}.",
                "{time.one}, {a} saw that {a.her} {elder.noun} was very tired.",
                "{time.one}, {a.her} {elder.noun} had too much work.",
            ),
            (
                "{time.one}, su {elder.noun} llegó a casa y estaba cansad{elder.o}.",
                "{time.one}, {a} visitó a su {elder.noun}.",
                "{time.one}, {a} vio que su {elder.noun} estaba muy cansad{elder.o}.",
                "{time.one}, su {elder.noun} tenía demasiado trabajo.",
            ),
        ),
        step(
            "new chore",
            (
                '"I still have to {chore.do}," said {a.her} {elder.noun}.',
                '"Can you help me {chore.do}?" asked {a.her} {elder.noun}.',
                "{a.Her} {elder.noun} had to {chore.do}, but {elder.she} was too tired.",
            ),
            (
                '"Todavía tengo que {chore.do}", dijo su {elder.noun}.',
                '"¿Puedes ayudarme a {chore.do}?", preguntó su {elder.noun}.',
                "Su {elder.noun} tenía que {chore.do}, pero estaba muy cansad{elder.o}.",
            ),
        ),
        step(
            "",
            (
                '"I can do that for you," said {a}.',
                "{a} wanted to play outside, but {a.she} wanted to help, too.",
                '"Sit down and rest, I will do it," said {a}.',
                "{a} jumped up at once.",
            ),
            (
                '"Yo puedo hacer eso", dijo {a}.',
                "{a} quería jugar, pero también quería ayudar.",
                '"Siéntate y descansa, yo lo hago", dijo {a}.',
                "{a} se levantó enseguida.",
            ),
        ),
        step(
            "",
            (
                "So {a} {chore.did}.",
                "{a} worked hard and {chore.did}.",
                "{a} {chore.did} all alone.",
                "First {a} drank some water, and then {a.she} {chore.did}.",
            ),
            (
                "Así que {a} {chore.did}.",
                "{a} trabajó mucho y {chore.did}.",
                "Con mucho cuidado, {a} {chore.did}.",
                "Primero {a} bebió agua y después {chore.did}.",
            ),
        ),
        step(
            "new b",
            (
                "Then {b} came to help {a}.",
                "{a.Her} friend {b} saw it and helped, too.",
                '{b} came by and said, "I can help!"',
            ),
            (
                "Entonces {b} vino a ayudar a {a}.",
                "{b} lo vio y ayudó también.",
                '{b} pasó por allí y dijo: "¡Yo puedo ayudar!"',
            ),
            0.45,
        ),
        step(
            "",
            (
                "It was hard work, so {a} was hot and tired.",
                "It took a long time, but {a} did not stop.",
                "{a} sang a song, so the work was fun.",
                "Once {a} wanted to stop, but {a.she} went on.",
            ),
            (
                "Era un trabajo difícil y {a} tenía calor.",
                "Tardó mucho tiempo, pero {a} no paró.",
                "{a} cantaba una canción y el trabajo era divertido.",
                "{a} quería parar, pero siguió.",
            ),
            0.7,
        ),
        step(
            "",
            ("Soon {chore.done}.", "After an hour, {chore.done}.", "At last, {chore.done}."),
            (
                "Pronto {chore.done}.",
                "Después de una hora, {chore.done}.",
                "Por fin, {chore.done}.",
            ),
        ),
        step(
            "",
            (
                "{a.Her} {elder.noun} woke up and could not believe it.",
                "{a.Her} {elder.noun} came in and smiled.",
                '"What a wonderful helper you are!" said {a.her} {elder.noun}.',
                '"Thank you, {a}!" said {a.her} {elder.noun}.',
                "{a.Her} {elder.noun} was happy and gave {a} a big hug.",
            ),
            (
                "Su {elder.noun} no lo podía creer.",
                "Su {elder.noun} entró y sonrió.",
                '"¡Qué bien trabajas!", dijo su {elder.noun}.',
                '"¡Gracias, {a}!", dijo su {elder.noun}.',
                "Su {elder.noun} estaba content{elder.o} y le dio un abrazo a {a}.",
            ),
        ),
        step(
            "",
            (
                "{a} was proud because {a.she} had helped.",
                "{a} was very proud of the work.",
                "{a} felt proud and stood up tall.",
                "{a} was proud because {a.she} did it so well.",
            ),
            (
                "{a} estaba orgullos{a.o} porque había ayudado.",
                "{a} estaba muy orgullos{a.o} de su trabajo.",
                "{a} se sentía orgullos{a.o} y sonreía.",
                "{a} estaba orgullos{a.o} porque lo hizo muy bien.",
            ),
        ),
        step(
            "",
            (
                "Then they had a cup of warm milk together.",
                "In the evening, they told stories by the fire.",
                "After that, {a} helped every week.",
                "Helping made {a} feel big and strong.",
            ),
            (
                "Luego tomaron juntos un vaso de leche.",
                "Por la noche, contaron cuentos junto al fuego.",
                "Desde entonces, {a} ayudó cada semana.",
                "Ayudar era algo muy bonito para {a}.",
            ),
            0.7,
        ),
    ),
)
