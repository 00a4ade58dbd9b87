"""Which way of tuning serves which family of models: asked of the methods themselves, with their own reasons."""

from workbench.card import ModelCard
from workbench.errors import WorkbenchError
from workbench.methods import METHODS
from workbench.models.catalog import find_card

EXAMPLES = {
    "Llama": "llama-7b",
    "Llama with biases": "pocket-gpt",
    "GPT-2": "gpt2",
    "GPT-NeoX": "pythia-70m",
    "OPT": "opt-125m",
    "BERT": "pocket-bert",
    "T5": "pocket-t5",
}


def matrix() -> dict[str, dict[str, str]]:
    """For each method a reason by family why it does not serve it; empty where it does."""
    cards = {family: find_card(model) for family, model in EXAMPLES.items()}
    return {name: {family: _reason(name, card) for family, card in cards.items()} for name in METHODS}


def _reason(method: str, card: ModelCard) -> str:
    try:
        METHODS[method]().anatomy(card)
    except WorkbenchError as error:
        return f"{error.message} {error.hint}".strip().replace(method, "this method")
    return ""


def as_markdown() -> str:
    """The matrix as a table, its reasons below."""
    told = matrix()
    reasons = list(dict.fromkeys(reason for row in told.values() for reason in row.values() if reason))
    lines = [f"| method | {' | '.join(EXAMPLES)} |", f"|---|{'---|' * len(EXAMPLES)}"]
    for name, row in told.items():
        cells = [f"no ({reasons.index(reason) + 1})" if reason else "yes" for reason in row.values()]
        lines.append(f"| {METHODS[name].title} | {' | '.join(cells)} |")
    notes = [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join([*lines, "", *notes])
