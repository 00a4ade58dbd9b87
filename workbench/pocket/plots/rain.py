"""A trip in the rain: the plan fails, and the day is good all the same."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "a trip in the rain",
    (
        step(
            "new b; keep plan a place",
            (
                "{time.one}, {a} and {b} wanted to go {place.to}.",
                "{time.one}, {a} and {b} planned a trip {place.to}.",
                '{time.one}, {a} asked {b}, "Do you want to go {place.to} with me?"',
            ),
            (
                "{time.one}, {a} y {b} querían ir {place.to}.",
                "{time.one}, {a} y {b} prepararon un viaje {place.to}.",
                '{time.one}, {a} le preguntó a {b}: "¿Quieres ir {place.to} conmigo?"',
            ),
        ),
        step(
            "new food",
            (
                "They packed {food.many} and water.",
                "{b} packed {food.many} for the trip.",
                "{a} filled a basket with {food.many}.",
            ),
            (
                "Llevaban {food.many} y agua.",
                "{b} preparó {food.many} para el viaje.",
                "{a} llenó una cesta de {food.many}.",
            ),
        ),
        step(
            "keep plan a place; go a place; go b place",
            (
                "After breakfast, {a} and {b} went {place.to}.",
                "Then {a} and {b} walked {place.to}.",
                "So {a} and {b} took the bus {place.to}.",
            ),
            (
                "Después del desayuno, {a} y {b} fueron {place.to}.",
                "Luego {a} y {b} caminaron {place.to}.",
                "Así que {a} y {b} fueron en autobús {place.to}.",
            ),
        ),
        step(
            "at a place",
            (
                "The sun was warm when {a} was {place.in}.",
                "It was nice {place.in}, and {a} ran around.",
                "{a} wanted to {game.play} {place.in}.",
            ),
            (
                "Hacía sol cuando {a} estaba {place.in}.",
                "Se estaba bien {place.in}, y {a} corría.",
                "{a} quería {game.play} {place.in}.",
            ),
            0.75,
        ),
        step(
            "",
            (
                "But then a dark cloud came.",
                "Then the wind got cold.",
                "Suddenly, a drop of rain fell on {b}.",
                "The sky turned gray.",
            ),
            (
                "Pero entonces llegó una nube oscura.",
                "Luego el viento se puso frío.",
                "De pronto, cayó una gota de agua sobre {b}.",
                "El cielo se puso gris.",
            ),
        ),
        step(
            "",
            (
                "It started to rain, so everything got wet.",
                "The rain fell harder and harder.",
                "It rained so much that the path was full of water.",
                "There was thunder, and then the rain came.",
            ),
            (
                "Empezó a llover y todo se mojó.",
                "La lluvia caía cada vez más fuerte.",
                "Llovió tanto que el camino estaba lleno de agua.",
                "Se oyó un trueno y llegó la lluvia.",
            ),
        ),
        step(
            "",
            (
                "{a} was sad because they had to stop.",
                "{b} was angry because {b.her} shoes were wet.",
                "{b} was scared because the thunder was loud.",
                "{a} was sad because the day was spoiled.",
                '{b} was sad and said, "Now we must go home."',
                "{a} was angry at the rain.",
            ),
            (
                "{a} estaba triste porque tenían que parar.",
                "{b} estaba enfadad{b.o} porque tenía los zapatos mojados.",
                "{b} tenía miedo de los truenos.",
                "{a} estaba triste por la lluvia.",
                '{b} estaba triste y dijo: "Ahora tenemos que volver a casa."',
                "{a} estaba enfadad{a.o} con la lluvia.",
            ),
        ),
        step(
            "",
            (
                "They ran under a big roof.",
                "They hid in a small cave.",
                "They found an old hut and went in.",
                "They stood under a tree with many leaves.",
            ),
            (
                "Corrieron hasta un tejado grande.",
                "Se escondieron en una cueva pequeña.",
                "Encontraron una cabaña vieja y entraron.",
                "Se quedaron debajo de un árbol con muchas hojas.",
            ),
        ),
        step(
            "",
            (
                "There they ate the {food.many} and told jokes.",
                '"We can eat the {food.many} here," said {a}.',
                "{a} and {b} shared the {food.many} and laughed.",
                '"Look, the {food.many} are still dry!" said {b}.',
            ),
            (
                "Allí comieron {food.some} y contaron chistes.",
                '"Podemos comer {food.some} aquí", dijo {a}.',
                "{a} y {b} compartieron {food.some} y rieron.",
                '"¡Todavía tenemos {food.some}!", dijo {b}.',
            ),
        ),
        step(
            "",
            (
                "After an hour, the sun came back.",
                "Then the rain stopped, and they saw a rainbow.",
                "A rainbow stood in the sky.",
                "The rain stopped, so they jumped into the puddles.",
            ),
            (
                "Después de una hora, volvió el sol.",
                "Luego paró la lluvia y vieron un arcoíris.",
                "Había un arcoíris en el cielo.",
                "Paró la lluvia y saltaron en los charcos.",
            ),
        ),
        step(
            "",
            (
                "{a} was happy because the rainbow was so beautiful.",
                '{b} was happy and said, "Rain can be fun!"',
                "{a} was happy, because with a friend every day is good.",
                "{b} was so happy that {b.she} danced.",
            ),
            (
                "{a} estaba feliz porque el día era bonito otra vez.",
                '{b} estaba content{b.o} y dijo: "¡La lluvia puede ser divertida!"',
                "{a} estaba content{a.o}, porque con amigos todo es mejor.",
                "{b} estaba tan feliz que bailó.",
            ),
        ),
        step(
            "",
            (
                "They came home wet and tired.",
                "In the evening, they drank hot tea.",
                '"Let us go again tomorrow," said {a}.',
                "At home, {a} put on dry socks.",
            ),
            (
                "Llegaron a casa mojados y cansados.",
                "Por la noche, bebieron té caliente.",
                '"Mañana vamos otra vez", dijo {a}.',
                "En casa, {a} se puso ropa seca.",
            ),
            0.7,
        ),
    ),
)
