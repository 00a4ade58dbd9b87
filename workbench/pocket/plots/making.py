"""Making something: the first try fails, the second one works."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "making something",
    (
        step(
            "new work",
            (
                "{time.one}, {a} wanted to make {work.a}.",
                '{time.one}, {a} had an idea and said, "I will make {work.a}!"',
                "{time.one}, {a} saw a picture of {work.a} and wanted to make one.",
                "{time.one}, it was quiet at home, so {a} started to make {work.a}.",
            ),
            (
                "{time.one}, {a} quería hacer {work.a}.",
                '{time.one}, {a} tuvo una idea y dijo: "¡Voy a hacer {work.a}!"',
                "{time.one}, {a} decidió hacer {work.a}.",
                "{time.one}, {a} empezó a hacer {work.a}.",
            ),
        ),
        step(
            "",
            (
                "For this, {a.she} needed {work.needs}.",
                "{a} looked for {work.needs}.",
                "{a.Her} mom gave {a.him} {work.needs}.",
                "{a.She} got {work.needs} and sat down to work.",
            ),
            (
                "Para eso necesitaba {work.needs}.",
                "{a} buscó {work.needs}.",
                "Su mamá le dio {work.needs} a {a}.",
                "{a} encontró {work.needs} y empezó a trabajar.",
            ),
        ),
        step(
            "",
            (
                "{a} worked all morning.",
                "{a} worked slowly and with care.",
                "It was not easy, but {a} did not stop.",
            ),
            (
                "{a} trabajó toda la mañana.",
                "{a} trabajó despacio y con cuidado.",
                "No era fácil, pero {a} no paró.",
            ),
            0.6,
        ),
        step(
            "",
            (
                "But something went wrong, and {work.failed}.",
                "When {work.the} was almost done, {work.failed}.",
                "{a} was too fast, so {work.failed}.",
                "{a} did not look, so {work.failed}.",
            ),
            (
                "Pero algo salió mal: {work.failed}.",
                "{a} fue demasiado rápido y {work.failed}.",
                "{a} no tuvo cuidado y {work.failed}.",
            ),
        ),
        step(
            "",
            (
                "{a} was angry because all the work was for nothing.",
                "{a} was so angry that {a.she} kicked a chair.",
                "{a} was sad because {work.the} was not good.",
                "{a} was angry, and {a.her} face turned red.",
                '"I can never do it!" said {a}, and {a.she} was sad.',
            ),
            (
                "{a} estaba enfadad{a.o} porque todo salió mal.",
                "{a} estaba tan enfadad{a.o} que dio una patada a una silla.",
                "{a} estaba triste porque {work.the} no estaba bien.",
                "{a} estaba enfadad{a.o} y tenía la cara roja.",
                '"¡Nunca lo voy a hacer bien!", dijo {a}, y estaba triste.',
            ),
        ),
        step(
            "new b",
            (
                "Then {b} came and looked at it.",
                "{a.Her} friend {b} came to visit.",
                "{b} heard the noise and came in.",
            ),
            ("Entonces llegó {b} y miró.", "{b} vino de visita.", "{b} oyó el ruido y entró."),
        ),
        step(
            "",
            (
                '"Try again, {a}, you can do it," said {b}.',
                '"We can do it together," said {b}.',
                '{b} said, "The first time is always hard."',
                "{b} showed {a} a better way.",
            ),
            (
                '"Hazlo otra vez, {a}, tú puedes", dijo {b}.',
                '"Lo podemos hacer juntos", dijo {b}.',
                '{b} dijo: "La primera vez siempre es difícil."',
                "{b} le enseñó a {a} una manera mejor.",
            ),
        ),
        step(
            "",
            (
                "So {a} tried again.",
                "{a} took a deep breath and started again.",
                "This time, {a} was more careful.",
                "They worked together, and it was fun.",
            ),
            (
                "Así que {a} lo hizo otra vez.",
                "{a} respiró hondo y empezó otra vez.",
                "Esta vez, {a} tuvo más cuidado.",
                "Trabajaron juntos y fue divertido.",
            ),
        ),
        step(
            "",
            (
                "In the end, {work.the} was beautiful.",
                "After a while, {work.the} was done.",
                "When evening came, {work.the} was ready.",
                "Now {work.the} was just right.",
            ),
            (
                "Al final, {work.the} era una maravilla.",
                "Después de un rato, {a} terminó {work.the}.",
                "Por la noche, {a} tenía {work.a} de verdad.",
            ),
        ),
        step(
            "",
            (
                "{a} was proud because {a.she} had made it.",
                "{a} was proud and showed {work.the} to everybody.",
                '"Look what I made!" said {a}, and {a.she} was proud.',
                "{a} was proud because {a.she} did not give up.",
            ),
            (
                "{a} estaba orgullos{a.o} de su trabajo.",
                "{a} estaba orgullos{a.o} y lo enseñó a todos.",
                '"¡Mirad!", dijo {a}, y estaba muy orgullos{a.o}.',
                "{a} estaba orgullos{a.o} porque siguió hasta el final.",
            ),
        ),
        step(
            "",
            (
                "{a} gave {work.the} to {b} as a gift.",
                "{b} liked {work.the} very much.",
                '"That is the best one I know," said {b}.',
                '"Next time, we will make a bigger one," said {b}.',
            ),
            (
                "{a} le regaló {work.the} a {b}.",
                "A {b} le gustó mucho {work.the}.",
                '"¡Qué bonito!", dijo {b}.',
                '"La próxima vez lo hacemos más grande", dijo {b}.',
            ),
            0.75,
        ),
    ),
)
