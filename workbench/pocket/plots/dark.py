"""Brave in the dark: something frightens the hero, who finds out what it is."""

from workbench.pocket.plot import Plot, step

PLOT = Plot(
    "brave in the dark",
    (
        step(
            "",
            (
                "One night, {a} was alone in bed.",
                "One night, {a} could not sleep.",
                "It was night, and {a} was in bed.",
                "One dark night, {a} woke up.",
            ),
            (
                "Una noche, {a} estaba en la cama.",
                "Una noche, {a} no podía dormir.",
                "Era de noche y {a} estaba en la cama.",
                "Una noche oscura, {a} se despertó.",
            ),
        ),
        step(
            "",
            (
                "The lamp was off, so the room was dark.",
                "There were no stars in the sky.",
                "Outside, there was a storm.",
                "The house was very quiet.",
            ),
            (
                "La lámpara estaba apagada y todo estaba oscuro.",
                "No había estrellas en el cielo.",
                "Fuera había una tormenta.",
                "La casa estaba en silencio.",
            ),
            0.7,
        ),
        step(
            "new fright",
            (
                "Suddenly, {a} {fright.saw}.",
                "Then {a.she} {fright.saw}.",
                "{a} opened {a.her} eyes and {fright.saw}.",
            ),
            (
                "De pronto, {a} {fright.saw}.",
                "Entonces {a} {fright.saw}.",
                "{a} se sentó en la cama y {fright.saw}.",
            ),
        ),
        step(
            "",
            (
                "{a} was scared because it was so dark.",
                "{a} was so scared that {a.she} hid under the blanket.",
                "{a} was scared, and {a.her} heart beat fast.",
                "{a} was scared because {a.she} was alone.",
                "{a} felt scared and could not move.",
            ),
            (
                "{a} estaba asustad{a.o} porque todo estaba oscuro.",
                "{a} estaba tan asustad{a.o} que se escondió debajo de la manta.",
                "{a} estaba asustad{a.o} y su corazón latía muy rápido.",
                "{a} tenía miedo porque no había nadie.",
                "{a} tenía mucho miedo y no se movía.",
            ),
        ),
        step(
            "",
            (
                '"Is it a monster?" asked {a} in a small voice.',
                '"Who is there?" asked {a}.',
                '"Go away!" said {a}, but nobody answered.',
                "{a} wanted to call for help.",
            ),
            (
                '"¿Es un monstruo?", preguntó {a} en voz baja.',
                '"¿Quién está ahí?", preguntó {a}.',
                '"¡Vete!", dijo {a}, pero nadie contestó.',
                "{a} quería pedir ayuda.",
            ),
            0.7,
        ),
        step(
            "",
            (
                'But then {a} thought, "I can be brave."',
                "{a} counted to three and took a deep breath.",
                "{a} remembered that a hero is scared but goes on.",
                "{a} wanted to know what it was.",
            ),
            (
                'Pero entonces {a} pensó: "Puedo ser valiente."',
                "{a} contó hasta tres y respiró hondo.",
                "{a} pensó que un héroe tiene miedo, pero sigue.",
                "{a} quería saber qué era.",
            ),
        ),
        step(
            "",
            (
                "{a.She} got up and turned on the light.",
                "{a} took a lamp and went to look.",
                "Slowly, {a} walked across the room.",
                "{a} opened the door and looked.",
            ),
            (
                "{a} se levantó y encendió la luz.",
                "{a} tomó una lámpara y fue a mirar.",
                "Despacio, {a} cruzó la habitación.",
                "{a} abrió la puerta y miró.",
            ),
        ),
        step(
            "",
            (
                "It was only {fright.was}!",
                "There was no monster, it was just {fright.was}.",
                "It was not a monster at all, it was {fright.was}.",
                "{a} laughed, because it was only {fright.was}.",
            ),
            (
                "¡Solo era {fright.was}!",
                "No había ningún monstruo, solo era {fright.was}.",
                "{a} se rio, porque solo era {fright.was}.",
            ),
        ),
        step(
            "new elder",
            (
                "{a.Her} {elder.noun} heard {a.him} and came into the room.",
                "In the morning, {a} told {a.her} {elder.noun} everything.",
                "{a} ran to {a.her} {elder.noun} and told the story.",
            ),
            (
                "Su {elder.noun} oyó a {a} y entró en la habitación.",
                "Por la mañana, {a} le contó todo a su {elder.noun}.",
                "{a} fue a ver a su {elder.noun} y contó la historia.",
            ),
            0.5,
        ),
        step(
            "",
            (
                "{a} was proud because {a.she} had been brave.",
                "Now {a} was proud and not scared anymore.",
                "{a} felt proud, because {a.she} did it alone.",
                "{a} was very proud of being brave.",
            ),
            (
                "{a} estaba orgullos{a.o} porque había sido valiente.",
                "Ahora {a} estaba orgullos{a.o} y ya no tenía miedo.",
                "{a} se sentía orgullos{a.o} de ser valiente.",
                "{a} estaba muy orgullos{a.o}.",
            ),
        ),
        step(
            "",
            (
                "Then {a.she} went back to bed and slept well.",
                "After that night, {a} was never afraid of the dark again.",
                "{a} closed {a.her} eyes and had a good dream.",
                '"Good night, moon," said {a}.',
            ),
            (
                "Luego {a} volvió a la cama y durmió bien.",
                "Desde esa noche, {a} ya no tuvo miedo de la oscuridad.",
                "{a} cerró los ojos y tuvo un buen sueño.",
                '"Buenas noches, luna", dijo {a}.',
            ),
            0.85,
        ),
    ),
)
