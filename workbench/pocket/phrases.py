"""Phrases that fill slots, written down for both languages: homes, games, chores ..."""

from workbench.pocket.wordlists import COLOURS

# Kind of word -> the names of its forms, then one row a word: English forms, Spanish forms.
TABLES = {
    "age": (
        ("word",),
        tuple(
            ((english,), (spanish,))
            for english, spanish in (
                ("four", "cuatro"),
                ("five", "cinco"),
                ("six", "seis"),
                ("seven", "siete"),
                ("eight", "ocho"),
                ("nine", "nueve"),
                ("ten", "diez"),
            )
        ),
    ),
    "colour": (("word",), tuple(((row[0],), (row[1],)) for row in COLOURS)),
    "time": (
        ("one",),
        (
            (("One day",), ("Un día",)),
            (("One morning",), ("Una mañana",)),
            (("One afternoon",), ("Una tarde",)),
            (("One sunny day",), ("Un día de sol",)),
            (("One cold morning",), ("Una mañana fría",)),
            (("One summer day",), ("Un día de verano",)),
            (("One Sunday",), ("Un domingo",)),
            (("One Monday",), ("Un lunes",)),
            (("One spring morning",), ("Una mañana de primavera",)),
            (("One Saturday",), ("Un sábado",)),
        ),
    ),
    "home": (
        ("in",),
        (
            (("in a small house by the sea",), ("en una casa pequeña junto al mar",)),
            (("in a big house near the forest",), ("en una casa grande cerca del bosque",)),
            (("in a little village",), ("en un pueblo pequeño",)),
            (("in a big city",), ("en una ciudad grande",)),
            (("on a farm",), ("en una granja",)),
            (("near the river",), ("cerca del río",)),
            (("on an island",), ("en una isla",)),
            (("at the foot of a mountain",), ("al pie de una montaña",)),
            (("in a white house with a red roof",), ("en una casa blanca con un tejado rojo",)),
            (("in an old town",), ("en una ciudad antigua",)),
        ),
    ),
    "spot": (
        ("in",),
        (
            (("under a bench",), ("debajo de un banco",)),
            (("behind a tree",), ("detrás de un árbol",)),
            (("in the grass",), ("en la hierba",)),
            (("under a bush",), ("debajo de un arbusto",)),
            (("next to a rock",), ("junto a una piedra",)),
            (("near the gate",), ("cerca de la puerta",)),
            (("behind the wall",), ("detrás del muro",)),
            (("between the flowers",), ("entre las flores",)),
            (("on top of a box",), ("encima de una caja",)),
            (("beside the path",), ("al lado del camino",)),
        ),
    ),
    "game": (
        ("play",),
        (
            (("play hide and seek",), ("jugar al escondite",)),
            (("play football",), ("jugar al fútbol",)),
            (("jump and run",), ("saltar y correr",)),
            (("sing songs",), ("cantar canciones",)),
            (("tell stories",), ("contar cuentos",)),
            (("dance",), ("bailar",)),
            (("draw pictures",), ("hacer dibujos",)),
            (("look at the clouds",), ("mirar las nubes",)),
        ),
    ),
    "work": (
        ("a", "the", "needs", "failed"),
        (
            (
                ("a paper boat", "the boat", "paper and glue", "it sank in the water"),
                (
                    "un barco de papel",
                    "el barco",
                    "papel y pegamento",
                    "el barco se hundió en el agua",
                ),
            ),
            (
                ("a cake", "the cake", "flour, eggs and milk", "it burned in the oven"),
                (
                    "un pastel",
                    "el pastel",
                    "harina, huevos y leche",
                    "el pastel se quemó en el horno",
                ),
            ),
            (
                ("a bird house", "the bird house", "wood and nails", "the roof fell off"),
                ("una casa para pájaros", "la casa", "madera y clavos", "se cayó el tejado"),
            ),
            (
                ("a mask", "the mask", "paper and paint", "it tore in two"),
                ("una máscara", "la máscara", "papel y pintura", "la máscara se rompió en dos"),
            ),
            (
                ("a sand castle", "the castle", "sand and water", "a wave washed it away"),
                (
                    "un castillo de arena",
                    "el castillo",
                    "arena y agua",
                    "una ola se llevó el castillo",
                ),
            ),
            (
                ("a paper star", "the star", "paper and scissors", "it came out too small"),
                (
                    "una estrella de papel",
                    "la estrella",
                    "papel y tijeras",
                    "la estrella salió demasiado pequeña",
                ),
            ),
            (
                ("a pot of soup", "the soup", "carrots and potatoes", "it had too much salt"),
                (
                    "una olla de sopa",
                    "la sopa",
                    "zanahorias y patatas",
                    "la sopa tenía demasiada sal",
                ),
            ),
            (
                ("a card", "the card", "paper and colored pencils", "it got wet in the rain"),
                (
                    "una tarjeta",
                    "la tarjeta",
                    "papel y lápices de colores",
                    "la tarjeta se mojó con la lluvia",
                ),
            ),
            (
                ("a snowman", "the snowman", "snow and a carrot", "the head rolled down the hill"),
                (
                    "un muñeco de nieve",
                    "el muñeco",
                    "nieve y una zanahoria",
                    "la cabeza rodó por la colina",
                ),
            ),
            (
                ("a necklace", "the necklace", "shells and string", "the string broke"),
                ("un collar", "el collar", "conchas y un hilo", "se rompió el hilo"),
            ),
            (
                ("a toy ship", "the ship", "wood and cloth", "the wind broke it"),
                ("un barco de madera", "el barco", "madera y tela", "el viento rompió el barco"),
            ),
            (
                ("a tower", "the tower", "many wooden blocks", "it fell down with a crash"),
                (
                    "una torre",
                    "la torre",
                    "muchos bloques de madera",
                    "la torre se cayó con un gran ruido",
                ),
            ),
        ),
    ),
    "skill": (
        ("do", "failed"),
        (
            (
                ("ride a bike", "fell onto the grass"),
                ("montar en bicicleta", "se cayó en la hierba"),
            ),
            (("swim", "swallowed some water"), ("nadar", "tragó un poco de agua")),
            (("whistle", "only made a funny sound"), ("silbar", "solo hizo un ruido raro")),
            (("skate", "fell on the ice"), ("patinar", "se cayó en el hielo")),
            (
                ("read a long book", "stopped at the hard words"),
                ("leer un libro largo", "se paró en las palabras difíciles"),
            ),
            (
                ("climb the rope", "slid back down"),
                ("trepar por la cuerda", "se resbaló hasta el suelo"),
            ),
            (
                ("play the guitar", "played the wrong notes"),
                ("tocar la guitarra", "tocó mal las notas"),
            ),
            (
                ("draw a horse", "drew a horse with five legs"),
                ("dibujar un caballo", "dibujó un caballo con cinco patas"),
            ),
            (("jump rope", "stepped on the rope"), ("saltar a la cuerda", "pisó la cuerda")),
            (
                ("count to one hundred", "forgot a number"),
                ("contar hasta cien", "olvidó un número"),
            ),
            (
                ("write a letter", "made many mistakes"),
                ("escribir una carta", "cometió muchos errores"),
            ),
            (
                ("catch a ball", "dropped it again and again"),
                ("atrapar una pelota", "la dejó caer una y otra vez"),
            ),
        ),
    ),
    "chore": (
        ("do", "did", "done", "they"),
        (
            (
                (
                    "wash the dishes",
                    "washed the dishes",
                    "all the plates were clean",
                    "washed the dishes",
                ),
                (
                    "lavar los platos",
                    "lavó los platos",
                    "todos los platos estaban limpios",
                    "lavaron los platos",
                ),
            ),
            (
                ("sweep the floor", "swept the floor", "the floor was clean", "swept the floor"),
                (
                    "barrer el suelo",
                    "barrió el suelo",
                    "el suelo estaba limpio",
                    "barrieron el suelo",
                ),
            ),
            (
                (
                    "water the plants",
                    "watered the plants",
                    "the plants were green again",
                    "watered the plants",
                ),
                (
                    "regar las plantas",
                    "regó las plantas",
                    "las plantas estaban verdes otra vez",
                    "regaron las plantas",
                ),
            ),
            (
                (
                    "feed the hens",
                    "fed the hens",
                    "the hens were not hungry anymore",
                    "fed the hens",
                ),
                (
                    "dar de comer a las gallinas",
                    "dio de comer a las gallinas",
                    "las gallinas ya no tenían hambre",
                    "dieron de comer a las gallinas",
                ),
            ),
            (
                (
                    "carry the bags",
                    "carried the bags",
                    "all the bags were in the house",
                    "carried the bags",
                ),
                (
                    "llevar las bolsas",
                    "llevó las bolsas",
                    "todas las bolsas estaban en casa",
                    "llevaron las bolsas",
                ),
            ),
            (
                (
                    "pick the apples",
                    "picked the apples",
                    "the basket was full of apples",
                    "picked the apples",
                ),
                (
                    "recoger las manzanas",
                    "recogió las manzanas",
                    "la cesta estaba llena de manzanas",
                    "recogieron las manzanas",
                ),
            ),
            (
                (
                    "paint the fence",
                    "painted the fence",
                    "the fence looked like new",
                    "painted the fence",
                ),
                (
                    "pintar la valla",
                    "pintó la valla",
                    "la valla parecía nueva",
                    "pintaron la valla",
                ),
            ),
            (
                (
                    "clean the windows",
                    "cleaned the windows",
                    "the sun shone through the windows",
                    "cleaned the windows",
                ),
                (
                    "limpiar las ventanas",
                    "limpió las ventanas",
                    "el sol entraba por las ventanas",
                    "limpiaron las ventanas",
                ),
            ),
            (
                (
                    "fold the clothes",
                    "folded the clothes",
                    "the clothes were in the closet",
                    "folded the clothes",
                ),
                (
                    "doblar la ropa",
                    "dobló la ropa",
                    "la ropa estaba en el armario",
                    "doblaron la ropa",
                ),
            ),
            (
                (
                    "set the table",
                    "set the table",
                    "the table was ready for dinner",
                    "set the table",
                ),
                (
                    "poner la mesa",
                    "puso la mesa",
                    "la mesa estaba lista para la cena",
                    "pusieron la mesa",
                ),
            ),
        ),
    ),
    "fright": (
        ("saw", "was"),
        (
            (("heard a strange noise", "the wind"), ("oyó un ruido extraño", "el viento")),
            (
                ("saw a big shadow", "a coat on a chair"),
                ("vio una sombra grande", "un abrigo en una silla"),
            ),
            (
                ("saw two shiny eyes", "a little cat"),
                ("vio dos ojos brillantes", "un gato pequeño"),
            ),
            (
                ("heard a knock at the window", "a branch"),
                ("oyó un golpe en la ventana", "una rama"),
            ),
            (("saw a light in the dark", "the moon"), ("vio una luz en la oscuridad", "la luna")),
            (("heard small steps", "a mouse"), ("oyó pasos pequeños", "un ratón")),
            (
                ("saw a long black arm", "an old tree"),
                ("vio un brazo largo y negro", "un árbol viejo"),
            ),
            (("heard a deep voice", "the radio"), ("oyó una voz profunda", "la radio")),
            (
                ("heard a loud scratch at the door", "a hungry dog"),
                ("oyó arañazos en la puerta", "un perro con hambre"),
            ),
        ),
    ),
}
