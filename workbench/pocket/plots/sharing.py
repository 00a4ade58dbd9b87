"""Sharing: one child has plenty, another has nothing."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "sharing",
    (
        step(
            "go a place; new food",
            (
                "{time.one}, {a} went {place.to} with a bag full of {food.many}.",
                "{time.one}, {a} took a basket of {food.many} and walked {place.to}.",
                "{time.one}, {a} was on the way {place.to} and had some {food.many}.",
            ),
            (
                "{time.one}, {a} fue {place.to} con una bolsa llena de {food.many}.",
                "{time.one}, {a} tomó una cesta de {food.many} y caminó {place.to}.",
                "{time.one}, {a} fue {place.to} y llevaba {food.many}.",
            ),
        ),
        step(
            "",
            (
                "{a} was hungry and wanted to eat.",
                "{a.She} sat down under a big tree.",
                "The {food.many} smelled sweet and good.",
                "{a} wanted to eat all of them.",
            ),
            (
                "{a} tenía hambre y quería comer.",
                "{a} se sentó debajo de un árbol grande.",
                "Olía muy bien y {a} tenía hambre.",
                "{a} empezó a comer.",
            ),
            0.6,
        ),
        step(
            "new b; join b place",
            (
                "{b} was {place.in} too, but {b.she} had nothing to eat.",
                "Then {a} saw {b} {place.in}.",
                "There was also a {b.kind} named {b} {place.in}.",
                "{a.Her} friend {b} came {place.to} too.",
            ),
            (
                "{b} también estaba {place.in}, pero no tenía nada para comer.",
                "Entonces {a} vio a {b} {place.in}.",
                "También había {b.un} {b.kind} {place.in} que se llamaba {b}.",
                "{b} llegó {place.to} también.",
            ),
        ),
        step(
            "",
            (
                "{b} was sad because {b.she} had no food.",
                "{b} was sad because {b.her} bag was empty.",
                "{b} looked at the {food.many} and was sad.",
                "{b} was sad, and {b.her} stomach made a loud noise.",
            ),
            (
                "{b} estaba triste porque no tenía comida.",
                "{b} estaba triste porque su bolsa estaba vacía.",
                "{b} miraba {food.some} y estaba triste.",
                "{b} estaba triste y tenía mucha hambre.",
            ),
        ),
        step(
            "",
            (
                '"Why are you sad, {b}?" asked {a}.',
                '{a} asked, "Are you hungry, {b}?"',
                "{a} thought about it for a moment.",
                "At first, {a} did not want to share.",
            ),
            (
                '"¿Por qué estás triste, {b}?", preguntó {a}.',
                '{a} preguntó: "¿Tienes hambre, {b}?"',
                "{a} pensó un momento.",
                "Al principio, {a} no quería compartir.",
            ),
            0.7,
        ),
        step(
            "",
            (
                '"I left my lunch at home," said {b}.',
                '"Yes, I am very hungry," said {b}.',
                '"A dog ate my lunch," said {b}.',
                '"My food fell into the water," said {b}.',
            ),
            (
                '"Dejé mi comida en casa", dijo {b}.',
                '"Sí, tengo mucha hambre", dijo {b}.',
                '"Un perro se comió mi comida", dijo {b}.',
                '"Mi comida se cayó al agua", dijo {b}.',
            ),
            0.6,
        ),
        step(
            "",
            (
                "So {a} gave {b} half of the {food.many}.",
                "{a} took {food.a} and gave it to {b}.",
                '"Here, take some {food.many}," said {a}.',
                '"We can share the {food.many}," said {a}.',
            ),
            (
                "Entonces {a} le dio a {b} la mitad de {food.some}.",
                "{a} tomó {food.a} y llamó a {b}.",
                '"Toma, come {food.many}", dijo {a}.',
                '"Podemos compartir {food.some}", dijo {a}.',
            ),
        ),
        step(
            "",
            (
                "They sat together and ate the {food.many}.",
                "The two friends ate and laughed.",
                "They ate until nothing was left.",
                "Together, they ate everything under a tree.",
            ),
            (
                "Se sentaron juntos y comieron {food.some}.",
                "Los dos amigos comieron y rieron.",
                "Comieron hasta que no quedó nada.",
                "Comieron todo debajo de un árbol.",
            ),
        ),
        step(
            "",
            (
                "{b} was happy because {b.she} was not hungry anymore.",
                "Now {b} was happy and thanked {a}.",
                '"Thank you, {a}! You are a good friend!" said {b}.',
                "{b} smiled because {a} was so kind.",
            ),
            (
                "{b} estaba feliz porque ya no tenía hambre.",
                "{b} estaba content{b.o} y dio las gracias a {a}.",
                '"¡Gracias, {a}! ¡Eres muy amable!", dijo {b}.',
                "{b} sonrió porque {a} era muy amable.",
            ),
        ),
        step(
            "",
            (
                "{a} was happy too, because sharing is fun.",
                "{a} was proud because {a.she} had shared.",
                '"Food tastes better with a friend," said {a}.',
                "The next day, {b} brought something for {a}.",
            ),
            (
                "{a} también estaba feliz, porque compartir es bonito.",
                "{a} estaba orgullos{a.o} porque compartió su comida.",
                '"La comida sabe mejor con amigos", dijo {a}.',
                "Al día siguiente, {b} trajo algo para {a}.",
            ),
            0.85,
        ),
    ),
)
