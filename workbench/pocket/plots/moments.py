"""Five short plots, one a feeling: a cause, the feeling, and what it makes the hero do."""

from workbench.pocket.plot import Plot, Step, step


def _place() -> Step:
    return step(
        "go a place",
        (
            "{time.one}, {a} went {place.to}.",
            "{time.one}, {a} was {place.in}.",
            "{time.one}, {a.she} went {place.to} after lunch.",
        ),
        (
            "{time.one}, {a} fue {place.to}.",
            "{time.one}, {a} estaba {place.in}.",
            "{time.one}, {a} fue {place.to} después de comer.",
        ),
    )


def _felt(feeling: str, more: tuple[str, ...], spanish: tuple[str, ...]) -> Step:
    plain = (f"{{a}} was {feeling}.", f"{{a}} was very {feeling}.", f"This made {{a}} {feeling}.")
    return step("", (*plain, *more), spanish)


HAPPY = Plot(
    "a happy moment",
    (
        _place(),
        step(
            "",
            (
                "{a} found a shiny coin.",
                "A butterfly sat down on {a.her} hand.",
                "{a} got a letter from a friend.",
                "The teacher read a funny story.",
                "{a} could stay up late.",
                "The sun came out after a week of rain.",
                "{a.Her} grandma came to visit.",
                "There was music, and everybody danced.",
                "{a} saw the first snow.",
            ),
            (
                "{a} encontró una moneda.",
                "Una mariposa se posó en su mano.",
                "{a} recibió una carta.",
                "El maestro leyó un cuento divertido.",
                "Salió el sol después de una semana de lluvia.",
                "Su abuela vino de visita.",
                "Había música y todos bailaban.",
                "{a} vio la primera nieve.",
            ),
        ),
        _felt(
            "happy",
            (
                "{a} felt happy and warm inside.",
                "So {a} was happy all day.",
            ),
            (
                "{a} estaba feliz.",
                "{a} estaba muy content{a.o}.",
                "{a} se puso muy content{a.o}.",
                "{a} estuvo feliz todo el día.",
            ),
        ),
        step(
            "",
            (
                "{a.She} laughed and danced around.",
                "{a.She} sang a little song.",
                "{a.She} ran home to tell everybody.",
                "{a} clapped {a.her} hands.",
            ),
            (
                "{a} rio y bailó.",
                "{a} cantó una canción.",
                "{a} corrió a casa para contarlo.",
                "{a} aplaudió.",
            ),
        ),
        step(
            "new b",
            (
                "{b} laughed with {a.him}.",
                '"What a good day!" said {b}.',
                "{a} told {b}, and {b} was happy too.",
            ),
            (
                "{b} se rio también.",
                '"¡Qué día tan bonito!", dijo {b}.',
                "{a} se lo contó a {b}, y {b} también estaba feliz.",
            ),
            0.7,
        ),
    ),
)

SAD = Plot(
    "a sad moment",
    (
        _place(),
        step(
            "",
            (
                "{a} dropped an ice cream, and it fell in the dirt.",
                "The rain washed {a.her} picture away.",
                "{a.Her} best friend moved to another town.",
                "{a} wanted to play, but nobody had time.",
                "A flower that {a} had planted was dead.",
                "{a} had to say good-bye to {a.her} grandpa.",
                "The little bird did not sing anymore.",
                "{a.Her} favorite cup broke.",
                "{a} lost the last page of the story.",
            ),
            (
                "El helado de {a} se cayó al suelo.",
                "La lluvia borró su dibujo.",
                "{a} supo que su vecino se iba a otra ciudad.",
                "{a} quería jugar, pero nadie tenía tiempo.",
                "La flor de {a} estaba seca.",
                "{a} tuvo que decir adiós a su abuelo.",
                "El pajarito ya no cantaba.",
                "Se rompió su taza favorita.",
            ),
        ),
        _felt(
            "sad",
            (
                "{a} felt sad and did not want to talk.",
                "So {a} was sad.",
            ),
            (
                "{a} estaba triste.",
                "{a} estaba muy triste.",
                "{a} se puso triste.",
                "{a} se sentía triste y no quería hablar.",
            ),
        ),
        step(
            "",
            (
                "{a.She} cried a little.",
                "Tears ran down {a.her} face.",
                "{a.She} looked at the ground.",
                "{a} sat alone under a tree.",
            ),
            (
                "{a} lloró un poco.",
                "Las lágrimas corrían por su cara.",
                "{a} miró al suelo.",
                "{a} se sentó debajo de un árbol.",
            ),
        ),
        step(
            "new b",
            (
                "Then {b} gave {a.him} a hug.",
                '"I am here," said {b}, and that helped.',
                "{b} sat down next to {a.him} and listened.",
            ),
            (
                "Entonces {b} le dio un abrazo.",
                '"Estoy aquí", dijo {b}.',
                "{b} se sentó a su lado y escuchó.",
            ),
            0.8,
        ),
    ),
)

ANGRY = Plot(
    "an angry moment",
    (
        _place(),
        step(
            "",
            (
                "A boy pushed {a} into the mud.",
                "Somebody broke {a.her} sand castle.",
                "{a.Her} brother ate the last cookie.",
                "A girl took {a.her} seat and did not say sorry.",
                "Another child said that {a} was a liar.",
                "{a.Her} sister drew on {a.her} book.",
                "Somebody laughed when {a} fell.",
                "{a} waited in line, but a man went first.",
                "It was not fair, because {a} had to do all the work.",
            ),
            (
                "Un niño empujó a {a} en el barro.",
                "Alguien rompió su castillo de arena.",
                "Su hermano se comió la última galleta.",
                "Una niña le quitó el asiento a {a}.",
                "Su hermana pintó en su libro.",
                "Alguien se rio cuando {a} se cayó.",
                "{a} esperaba, pero un hombre pasó primero.",
                "No era justo: {a} tenía que hacer todo el trabajo.",
            ),
        ),
        _felt(
            "angry",
            (
                "{a} felt angry and hot.",
                "So {a} was angry.",
            ),
            (
                "{a} estaba enfadad{a.o}.",
                "{a} estaba muy enfadad{a.o}.",
                "{a} se enfadó mucho.",
                "{a} se sentía muy enfadad{a.o}.",
            ),
        ),
        step(
            "",
            (
                "{a.She} stamped {a.her} foot.",
                '{a.She} shouted, "Stop it!"',
                "{a.Her} face turned red.",
                "{a} made two fists.",
                "{a.She} closed the door with a bang.",
            ),
            (
                "{a} dio una patada al suelo.",
                '{a} gritó: "¡Basta!"',
                "{a} tenía la cara roja.",
                "{a} cerró la puerta con un gran golpe.",
            ),
        ),
        step(
            "new b",
            (
                '"Count to ten," said {b}.',
                '{b} said, "Tell me what happened."',
                "{b} helped {a} to calm down.",
            ),
            (
                '"Cuenta hasta diez", dijo {b}.',
                '{b} dijo: "Dime qué ha pasado."',
                "{b} ayudó a {a} a calmarse.",
            ),
            0.8,
        ),
    ),
)

SCARED = Plot(
    "a scared moment",
    (
        _place(),
        step(
            "",
            (
                "A big dog barked at {a}.",
                "There was thunder, and the lights went out.",
                "{a} heard steps behind {a.him}.",
                "{a} lost the way and did not know where to go.",
                "A spider crawled up {a.her} arm.",
                "{a} stood on a high bridge and looked down.",
                "A wolf howled in the night.",
                "{a} saw a snake on the path.",
                "A strong wave pulled {a} into the water.",
            ),
            (
                "Un perro grande ladró a {a}.",
                "Hubo un trueno y se apagaron las luces.",
                "{a} oyó pasos muy cerca.",
                "{a} se perdió y no sabía adónde ir.",
                "Una araña subió por su brazo.",
                "{a} miró abajo desde un puente alto.",
                "Un lobo aulló en la noche.",
                "{a} vio una serpiente en el camino.",
            ),
        ),
        _felt(
            "scared",
            (
                "{a} felt scared and small.",
                "So {a} was scared.",
            ),
            (
                "{a} estaba asustad{a.o}.",
                "{a} tenía mucho miedo.",
                "{a} se asustó mucho.",
                "{a} estaba muy asustad{a.o}.",
            ),
        ),
        step(
            "",
            (
                "{a.Her} knees shook.",
                "{a.She} called for help.",
                "{a.She} closed {a.her} eyes and did not move.",
                "{a} ran away as fast as {a.she} could.",
                "{a.Her} heart beat fast.",
            ),
            (
                "Le temblaban las piernas.",
                "{a} pidió ayuda.",
                "{a} cerró los ojos y no se movió.",
                "{a} salió corriendo muy rápido.",
                "Su corazón latía rápido.",
            ),
        ),
        step(
            "new b",
            (
                "Then {b} took {a.her} hand.",
                '"You are safe with me," said {b}.',
                "{b} came and stayed with {a.him}.",
            ),
            (
                "Entonces {b} le tomó la mano.",
                '"Estoy contigo", dijo {b}.',
                "{b} vino y se quedó con {a.ella}.",
            ),
            0.8,
        ),
    ),
)

PROUD = Plot(
    "a proud moment",
    (
        _place(),
        step(
            "",
            (
                "{a} won the race.",
                "{a} read a whole page aloud without a mistake.",
                "{a} climbed to the top of the tall tree.",
                "{a} cooked dinner for the family.",
                "The teacher put {a.her} picture on the wall.",
                "{a} saved a little bird.",
                "{a} jumped into the deep water for the first time.",
                "{a} sang in front of many people.",
                "{a} solved a hard puzzle.",
            ),
            (
                "{a} ganó la carrera.",
                "{a} leyó una página entera sin errores.",
                "{a} subió a lo más alto del árbol.",
                "{a} preparó la cena para la familia.",
                "El maestro colgó su dibujo en la pared.",
                "{a} salvó a un pajarito.",
                "{a} saltó al agua por primera vez.",
                "{a} cantó delante de mucha gente.",
            ),
        ),
        _felt(
            "proud",
            (
                "{a} felt proud and strong.",
                "So {a} was proud.",
            ),
            (
                "{a} estaba orgullos{a.o}.",
                "{a} estaba muy orgullos{a.o}.",
                "{a} se sentía orgullos{a.o}.",
                "{a} se sentía muy orgullos{a.o}.",
            ),
        ),
        step(
            "",
            (
                "{a.She} stood up tall.",
                '"I did it!" said {a}.',
                "{a.She} showed it to everybody.",
                "{a} held {a.her} head high.",
                "{a.She} wanted to tell the whole world.",
            ),
            (
                '"¡Lo hice!", dijo {a}.',
                "{a} lo enseñó a todos.",
                "{a} levantó la cabeza.",
                "{a} quería contarlo a todo el mundo.",
            ),
        ),
        step(
            "new b",
            (
                '"You did very well!" said {b}.',
                '{b} clapped and said, "Well done!"',
                "{b} wanted to learn it, too.",
            ),
            (
                '"¡Lo hiciste muy bien!", dijo {b}.',
                '{b} aplaudió y dijo: "¡Muy bien!"',
                "{b} también quería aprender.",
            ),
            0.8,
        ),
    ),
)

PLOTS = (HAPPY, SAD, ANGRY, SCARED, PROUD)
