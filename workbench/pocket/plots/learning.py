"""Learning something hard: fail, practice, succeed."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "learning something hard",
    (
        step(
            "new skill",
            (
                "{a} wanted to learn to {skill.do}.",
                "{time.one}, {a} saw some children who could {skill.do}.",
                "{a} could not {skill.do} yet.",
                "All of {a.her} friends could {skill.do}, but {a} could not.",
            ),
            (
                "{a} quería aprender a {skill.do}.",
                "{time.one}, {a} vio a unos niños que sabían {skill.do}.",
                "{a} todavía no sabía {skill.do}.",
                "Todos sus amigos sabían {skill.do}, pero {a} no.",
            ),
        ),
        step(
            "go a place",
            (
                "So {a} went {place.to} to try.",
                "{a.She} went {place.to} to practice.",
                "After breakfast, {a} went {place.to}.",
            ),
            (
                "Así que {a} fue {place.to} para practicar.",
                "Un día, {a} fue {place.to} a probar.",
                "Después de comer, {a} fue {place.to}.",
            ),
        ),
        step(
            "",
            (
                "The first time, {a} {skill.failed}.",
                "{a} tried and {skill.failed}.",
                "It was hard, and {a} {skill.failed}.",
                "{a.She} tried again, but {a.she} {skill.failed}.",
            ),
            (
                "La primera vez, {a} {skill.failed}.",
                "{a} lo intentó y {skill.failed}.",
                "Era difícil, y {a} {skill.failed}.",
                "{a} lo intentó otra vez, pero {skill.failed}.",
            ),
        ),
        step(
            "",
            (
                "Some children laughed at {a}.",
                "{a} looked around, but nobody had seen it.",
                '"This is too hard for me," said {a}.',
                '"Why does it not work?" asked {a}.',
            ),
            (
                "Unos niños se rieron de {a}.",
                "{a} miró, pero nadie lo había visto.",
                '"Es demasiado difícil para mí", dijo {a}.',
                '"¿Por qué no funciona?", preguntó {a}.',
            ),
            0.65,
        ),
        step(
            "",
            (
                "{a} was angry because it did not work.",
                "{a} was angry and threw {a.her} hat on the ground.",
                "{a} was sad because {a.she} could not do it.",
                "{a} was so angry that {a.she} wanted to stop.",
                "{a} was scared to try again.",
            ),
            (
                "{a} estaba enfadad{a.o} porque no lo lograba.",
                "{a} estaba enfadad{a.o} y tiró su gorra al suelo.",
                "{a} estaba triste porque no podía hacerlo.",
                "{a} estaba tan enfadad{a.o} que quería parar.",
                "{a} tenía miedo de intentarlo otra vez.",
            ),
        ),
        step(
            "new elder",
            (
                "Then {a.her} {elder.noun} came to help.",
                "{a.Her} {elder.noun} saw it and sat down next to {a.him}.",
                "At home, {a} told {a.her} {elder.noun} about it.",
            ),
            (
                "Entonces vino su {elder.noun}.",
                "Su {elder.noun} lo vio y se sentó con {a}.",
                "En casa, {a} se lo contó a su {elder.noun}.",
            ),
        ),
        step(
            "",
            (
                '"Nobody can do it the first time," said {a.her} {elder.noun}.',
                '"I fell many times when I was little," said {a.her} {elder.noun}.',
                '"Go slowly and try once more," said {a.her} {elder.noun}.',
                '{a.Her} {elder.noun} said, "You learn a little every day."',
            ),
            (
                '"Nadie lo hace bien la primera vez", dijo su {elder.noun}.',
                '"Yo también me caí muchas veces", dijo su {elder.noun}.',
                '"Hazlo despacio y prueba otra vez", dijo su {elder.noun}.',
                'Su {elder.noun} dijo: "Cada día se aprende un poco."',
            ),
        ),
        step(
            "",
            (
                "So {a} practiced every day.",
                "{a} practiced for a whole week.",
                "{a} tried ten times, and each time it was better.",
                "Day after day, {a} practiced after school.",
            ),
            (
                "Así que {a} practicó todos los días.",
                "{a} practicó una semana entera.",
                "{a} lo intentó diez veces, y cada vez era mejor.",
                "Día tras día, {a} practicó después de clase.",
            ),
        ),
        step(
            "",
            (
                "Then one day, {a} could {skill.do}!",
                "At last, {a} could {skill.do} all alone.",
                "And suddenly, it worked, and {a} could {skill.do}.",
            ),
            (
                "Y un día, ¡{a} ya sabía {skill.do}!",
                "Por fin, {a} podía {skill.do} sin ayuda.",
                "Y de pronto, {a} podía {skill.do}.",
            ),
        ),
        step(
            "",
            (
                "{a} was proud because {a.she} had learned to {skill.do}.",
                "{a} was so proud that {a.she} told everybody.",
                "{a} was proud because {a.she} had not given up.",
                "{a} felt proud and smiled from ear to ear.",
            ),
            (
                "{a} estaba orgullos{a.o} porque había aprendido a {skill.do}.",
                "{a} estaba tan orgullos{a.o} que lo contó a todos.",
                "{a} estaba orgullos{a.o} de aprender tanto.",
                "{a} se sentía orgullos{a.o} y sonreía.",
            ),
        ),
        step(
            "",
            (
                '"I knew it!" said {a.her} {elder.noun}.',
                "{a.Her} {elder.noun} was proud, too.",
                "Now {a} helps other children to learn it.",
                '"What can I learn next?" asked {a}.',
            ),
            (
                '"¡Yo lo sabía!", dijo su {elder.noun}.',
                "Su {elder.noun} también estaba orgullos{elder.o}.",
                "Ahora {a} ayuda a otros niños.",
                '"¿Qué puedo aprender ahora?", preguntó {a}.',
            ),
            0.75,
        ),
    ),
)
