"""A voyage: a captain, a ship, a storm, an island and a treasure."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "a voyage",
    (
        step(
            "",
            (
                "{time.one}, {a} found an old map.",
                "{time.one}, {a} saw a ship by the sea.",
                "{a} was the captain of a small ship.",
                "{a} wanted to sail across the sea.",
                "{time.one}, {a} got a letter with a map in it.",
            ),
            (
                "{time.one}, {a} encontró un mapa viejo.",
                "{time.one}, {a} vio un barco junto al mar.",
                "{a} tenía un barco pequeño.",
                "{a} quería navegar por el mar.",
                "{time.one}, {a} recibió una carta con un mapa.",
            ),
        ),
        step(
            "new b",
            (
                "{a} told {b} about it.",
                "{a} asked {b} to come along.",
                "{a.Her} friend {b} wanted to come, too.",
                '"Let us go to the island!" said {b}.',
            ),
            (
                "{a} se lo contó a {b}.",
                "{a} invitó a {b} a ir también.",
                "{b} también quería ir.",
                '"¡Vamos a la isla!", dijo {b}.',
            ),
        ),
        step(
            "",
            (
                "They put water and bread on the ship.",
                "The ship had a white sail and a strong rope.",
                "They went on the ship and sailed away.",
                "The old captain gave them a boat.",
                '"You can be the captain," said {b}.',
            ),
            (
                "Pusieron agua y pan en el barco.",
                "El barco tenía una vela blanca.",
                "Subieron al barco y se fueron.",
                "Un viejo capitán les dejó un barco.",
                "Llevaban agua y pan en el barco.",
            ),
        ),
        step(
            "",
            (
                "The sea was blue, and the sun was warm.",
                "Fish jumped out of the water.",
                "The wind was good, so the ship was fast.",
                "They sang a song about the sea.",
            ),
            (
                "El mar era azul y el sol calentaba.",
                "Los peces saltaban en el agua.",
                "El viento era bueno y el barco iba rápido.",
                "Cantaron una canción sobre el mar.",
            ),
            0.6,
        ),
        step(
            "",
            (
                "Then there was a storm with big waves.",
                "Suddenly, the sky turned black, and a storm came.",
                "But a storm came and shook the ship.",
                "The wind was so strong that the sail tore.",
            ),
            (
                "Entonces llegó una tormenta con grandes olas.",
                "De pronto, el cielo se puso negro y llegó una tormenta.",
                "Pero una tormenta sacudió el barco.",
                "El viento era tan fuerte que rompió la vela.",
            ),
        ),
        step(
            "",
            (
                "{b} was scared because the waves were so high.",
                "{a} was scared because the ship went up and down.",
                "{b} was so scared that {b.she} held the rope with both hands.",
                "{a} was scared, but {a.she} did not show it.",
            ),
            (
                "{b} tenía miedo porque las olas eran muy altas.",
                "{a} estaba asustad{a.o} porque el barco subía y bajaba.",
                "{b} estaba tan asustad{b.o} que no podía hablar.",
                "{a} tenía miedo, pero no decía nada.",
            ),
        ),
        step(
            "",
            (
                '"Be brave, my friend!" said {a}.',
                '"Hold on, we are almost there!" said {a}.',
                "{a} held the wheel and was very brave.",
                '"I will not let you fall," said {a} to {b}.',
            ),
            (
                '"¡Hay que ser valientes!", dijo {a}.',
                '"¡Ya casi llegamos!", dijo {a}.',
                "{a} llevó el barco como un héroe.",
                '"No tengas miedo", le dijo {a} a {b}.',
            ),
        ),
        step(
            "",
            (
                "After the storm, they saw an island.",
                "At last, the wind stopped, and there was land.",
                "In the morning, the ship came to an island.",
            ),
            (
                "Después de la tormenta, vieron una isla.",
                "Por fin, el viento paró y vieron tierra.",
                "Por la mañana, el barco llegó a una isla.",
            ),
        ),
        step(
            "",
            (
                "{b} looked at the map and counted ten steps.",
                "{a} dug in the sand next to a tall tree.",
                "The map showed a cross near a cave.",
                "They walked over the sand and looked for the cross.",
            ),
            (
                "{b} miró el mapa y contó diez pasos.",
                "{a} cavó en la arena junto a un árbol alto.",
                "El mapa tenía una cruz cerca de una cueva.",
                "Caminaron por la arena y buscaron la cruz.",
            ),
            0.75,
        ),
        step(
            "",
            (
                "There they found a box full of gold.",
                "In the sand was a treasure, and it was all gold!",
                "Under a stone, {b} found a treasure.",
                '"A treasure!" said {b}.',
                "{a} opened an old box and saw gold and rings.",
            ),
            (
                "Allí encontraron una caja llena de oro.",
                "En la arena había un tesoro, ¡y todo era de oro!",
                "Debajo de una piedra, {b} encontró un tesoro.",
                '"¡Un tesoro!", dijo {b}.',
                "{a} abrió una caja vieja y vio oro y anillos.",
            ),
        ),
        step(
            "",
            (
                "{a} was happy because they had found the treasure.",
                "{a} was proud because {a.she} had been a good captain.",
                "{b} was so happy that {b.she} danced on the sand.",
                "{b} was proud of the captain.",
            ),
            (
                "{a} estaba feliz porque encontraron el tesoro.",
                "{a} estaba orgullos{a.o} de su viaje.",
                "{b} estaba tan content{b.o} que bailó en la arena.",
                "{b} estaba orgullos{b.o} de ir en el barco.",
            ),
        ),
        step(
            "",
            (
                "They shared the gold with all the people of the town.",
                "Then they sailed home with the treasure.",
                '"The best treasure is a friend," said {a}.',
                "At home, everybody wanted to hear the story.",
            ),
            (
                "Compartieron el oro con toda la gente del pueblo.",
                "Luego volvieron a casa con el tesoro.",
                '"El mejor tesoro es la amistad", dijo {a}.',
                "En casa, todos querían oír la historia.",
            ),
            0.8,
        ),
    ),
)
