"""The plain word lists of the story world: English, Spanish and grammatical gender."""

GIRLS = (
    "Mia",
    "Ana",
    "Sara",
    "Eva",
    "Nora",
    "Emma",
    "Julia",
    "Clara",
    "Laura",
    "Elena",
    "Sofia",
    "Lola",
    "Alma",
    "Irene",
    "Olivia",
    "Vera",
)
BOYS = (
    "Tom",
    "Leo",
    "Hugo",
    "Max",
    "Ben",
    "Pablo",
    "Oscar",
    "Bruno",
    "Daniel",
    "David",
    "Lucas",
    "Martin",
    "Simon",
    "Adam",
    "Nico",
    "Samuel",
)
# name, English kind, Spanish kind, female
ANIMALS = (
    ("Kiki", "rabbit", "coneja", True),
    ("Tula", "turtle", "tortuga", True),
    ("Mika", "cat", "gata", True),
    ("Pip", "mouse", "ratón", False),
    ("Bolo", "bear", "oso", False),
    ("Rufo", "fox", "zorro", False),
)


def people() -> tuple[tuple[str, str, str, bool], ...]:
    """Return every character: children first, then animals."""
    girls = tuple((name, "girl", "niña", True) for name in GIRLS)
    boys = tuple((name, "boy", "niño", False) for name in BOYS)
    return girls + boys + ANIMALS


ELDERS = (
    ("mom", "mamá", True),
    ("dad", "papá", False),
    ("grandma", "abuela", True),
    ("grandpa", "abuelo", False),
    ("aunt", "tía", True),
    ("uncle", "tío", False),
)

COLOURS = (
    ("red", "rojo", "roja"),
    ("blue", "azul", "azul"),
    ("green", "verde", "verde"),
    ("yellow", "amarillo", "amarilla"),
    ("white", "blanco", "blanca"),
    ("black", "negro", "negra"),
    ("orange", "naranja", "naranja"),
    ("purple", "morado", "morada"),
    ("pink", "rosa", "rosa"),
    ("brown", "marrón", "marrón"),
)
FURS = (
    ("brown", "marrón", "marrón"),
    ("black", "negro", "negra"),
    ("white", "blanco", "blanca"),
    ("gray", "gris", "gris"),
    ("yellow", "amarillo", "amarilla"),
)
PETS = (
    ("dog", "perro", False),
    ("cat", "gato", False),
    ("rabbit", "conejo", False),
    ("bird", "pájaro", False),
    ("horse", "caballo", False),
    ("duck", "pato", False),
    ("hen", "gallina", True),
    ("turtle", "tortuga", True),
    ("pony", "poni", False),
    ("goat", "cabra", True),
)

# The first twelve are toys, good for playing.
THINGS = (
    ("ball", "pelota", True),
    ("kite", "cometa", True),
    ("drum", "tambor", False),
    ("car", "coche", False),
    ("train", "tren", False),
    ("doll", "muñeca", True),
    ("robot", "robot", False),
    ("puppet", "títere", False),
    ("balloon", "globo", False),
    ("book", "libro", False),
    ("flute", "flauta", True),
    ("boat", "barco", False),
    ("hat", "sombrero", False),
    ("bag", "bolsa", True),
    ("scarf", "bufanda", True),
    ("cup", "taza", True),
    ("box", "caja", True),
    ("bell", "campana", True),
    ("blanket", "manta", True),
    ("basket", "cesta", True),
    ("ring", "anillo", False),
    ("key", "llave", True),
    ("pencil", "lápiz", False),
    ("coat", "abrigo", False),
)
TOYS = 12

# English, preposition, Spanish, feminine; the first twelve are places for an outing.
PLACES = (
    ("park", "in", "parque", False),
    ("garden", "in", "jardín", False),
    ("beach", "at", "playa", True),
    ("forest", "in", "bosque", False),
    ("market", "at", "mercado", False),
    ("farm", "at", "granja", True),
    ("hill", "on", "colina", True),
    ("lake", "at", "lago", False),
    ("square", "in", "plaza", True),
    ("river", "at", "río", False),
    ("school", "at", "escuela", True),
    ("library", "in", "biblioteca", True),
    ("kitchen", "in", "cocina", True),
    ("bedroom", "in", "dormitorio", False),
    ("barn", "in", "granero", False),
    ("shop", "in", "tienda", True),
)
OUTINGS = 12

FOODS = (
    ("apple", "apples", "manzana", "manzanas", True),
    ("orange", "oranges", "naranja", "naranjas", True),
    ("banana", "bananas", "plátano", "plátanos", False),
    ("pear", "pears", "pera", "peras", True),
    ("cookie", "cookies", "galleta", "galletas", True),
    ("cherry", "cherries", "cereza", "cerezas", True),
    ("strawberry", "strawberries", "fresa", "fresas", True),
    ("carrot", "carrots", "zanahoria", "zanahorias", True),
    ("tomato", "tomatoes", "tomate", "tomates", False),
    ("sandwich", "sandwiches", "bocadillo", "bocadillos", False),
    ("egg", "eggs", "huevo", "huevos", False),
    ("peach", "peaches", "melocotón", "melocotones", False),
)

NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
