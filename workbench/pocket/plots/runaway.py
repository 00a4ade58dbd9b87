"""The pet that ran away: fear, a search, and joy."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "the pet that ran away",
    (
        step(
            "new pet; keep pet a pet",
            (
                "{a} had {pet.a}.",
                "{a} had a {pet.noun}, and it was {pet.shade}.",
                "{a.She} loved {a.her} {pet.mine}.",
            ),
            (
                "{a} tenía {pet.a}.",
                "{a} quería mucho a su {pet.mine}.",
                "En casa de {a} vivía {pet.a}.",
            ),
        ),
        step(
            "",
            (
                "{time.one}, the door was open, so {pet.the} ran away.",
                "{time.one}, there was a loud noise, and {pet.the} ran off.",
                "{time.one}, {pet.the} was not in its bed.",
                "{time.one}, {a} forgot to close the gate, so {pet.the} got out.",
            ),
            (
                "{time.one}, la puerta estaba abierta y {pet.the} se fue.",
                "{time.one}, hubo un ruido fuerte y {pet.the} se escapó.",
                "{time.one}, {pet.the} no estaba en casa.",
                "{time.one}, {a} no cerró la puerta y {pet.the} salió.",
            ),
        ),
        step(
            "",
            (
                "{a} was scared because it was cold outside.",
                "{a} was sad because {pet.the} was gone.",
                "{a} was scared, because there were many cars.",
                "{a} was angry at {a.her} brother because he had left the door open.",
                "{a} was so sad that {a.she} could not eat.",
            ),
            (
                "{a} tenía miedo porque fuera hacía frío.",
                "{a} estaba triste porque {pet.the} no estaba.",
                "{a} tenía miedo, porque había muchos coches.",
                "{a} estaba enfadad{a.o} con su hermano porque dejó la puerta abierta.",
                "{a} estaba tan triste que no podía comer.",
            ),
        ),
        step(
            "new b",
            (
                "{a} asked {b} for help.",
                "{a} ran to {b} and told {b.him} everything.",
                "{a.Her} friend {b} came at once.",
            ),
            (
                "{a} pidió ayuda a {b}.",
                "{a} corrió a casa de {b} y contó todo.",
                "{b} vino enseguida.",
            ),
        ),
        step(
            "",
            (
                '"Have you seen my {pet.noun}?" asked {a}.',
                '"We will find {pet.the}," said {b}.',
                "They called and called, but {pet.the} did not come.",
                "They asked a farmer, but he had not seen {pet.the}.",
            ),
            (
                '"¿Has visto a mi {pet.noun}?", preguntó {a}.',
                '"Vamos a encontrarl{pet.o}", dijo {b}.',
                "Llamaron y llamaron, pero {pet.the} no venía.",
                "Preguntaron a un hombre, pero no sabía nada.",
            ),
            0.8,
        ),
        step(
            "go a place; go b place",
            (
                "{a} and {b} looked everywhere and came {place.to}.",
                "Then {a} and {b} went {place.to}.",
                '"Maybe it is there," said {b}, and {a} ran {place.to} with {b.him}.',
            ),
            (
                "{a} y {b} buscaron mucho y llegaron {place.to}.",
                "Luego {a} y {b} fueron {place.to}.",
                '"Quizás está allí", dijo {b}, y {a} corrió {place.to} también.',
            ),
        ),
        step(
            "",
            (
                "There was a small sound {spot.in}.",
                "Something moved {spot.in}.",
                "{b} saw small steps in the mud.",
            ),
            (
                "Se oyó un ruido {spot.in}.",
                "Algo se movió {spot.in}.",
                "{b} vio huellas pequeñas en el suelo.",
            ),
            0.7,
        ),
        step(
            "",
            (
                "It was {pet.the}!",
                "There sat {pet.the}, cold and hungry.",
                '"There you are!" said {a} to {pet.the}.',
            ),
            (
                "¡Era {pet.the}!",
                "Allí estaba {pet.the}, con frío y con hambre.",
                '"¡Aquí estás!", dijo {a}, y abrazó a su {pet.noun}.',
            ),
        ),
        step(
            "",
            (
                "{a} took {pet.the} in {a.her} arms.",
                "{a} gave {pet.the} some food and water.",
                "{pet.The} came to {a} and was glad.",
                "{b} put a warm blanket around {pet.the}.",
            ),
            (
                "{a} tomó en brazos a su {pet.noun}.",
                "{a} le dio agua y comida a su {pet.noun}.",
                "{b} trajo una manta caliente para taparl{pet.o}.",
            ),
        ),
        step(
            "",
            (
                "{a} was happy because {a.her} {pet.noun} was back.",
                "{a} was so happy that {a.she} cried.",
                "{b} was proud because they had found {pet.the}.",
                "{a} was happy and thanked {b}.",
            ),
            (
                "{a} estaba feliz porque su {pet.noun} estaba allí.",
                "{a} estaba tan content{a.o} que lloró.",
                "{b} estaba orgullos{b.o} porque encontraron lo que buscaban.",
                "{a} estaba content{a.o} y dio las gracias a {b}.",
            ),
        ),
        step(
            "",
            (
                "At home, {pet.the} slept for a long time.",
                "After that, {a} always closed the door.",
                '"Never run away again," said {a}.',
            ),
            (
                "En casa, {pet.the} durmió mucho tiempo.",
                "Desde ese día, {a} siempre cerró la puerta.",
                '"No te vayas nunca más", dijo {a}.',
            ),
            0.8,
        ),
    ),
    child=True,
    without=("pet",),
)
