"""How a learning rate that is good for the pocket model is carried over to wider models and to other kinds."""

from workbench.card import Kind, ModelCard

REFERENCE_WIDTH = 192  # of the model that the sweeps in bench/ are made on
LOWEST_RATE = 2e-5  # what 7B models are commonly fine-tuned with (Llama 2, arXiv:2307.09288, section 3.1)


# How much of a decoder's rate other kinds bear where a method says nothing else: what bench/sweep.py found for
# pocket-bert and pocket-t5. An encoder whose norms stand behind its layers bears less (Xiong et al. 2020,
# arXiv:2002.04745).
BEARS: dict[Kind, float] = {"decoder": 1.0, "encoder": 0.3, "encoder_decoder": 1.0}


def narrowed(rate: float, card: ModelCard, **others: float) -> float:
    """The rate for this kind of model times 192 / width: at least 2e-5, never more than without the width.

    Adam's best rate for a matrix falls as one over its width (Yang et al. 2022, arXiv:2203.03466, table 3).
    `others` are rates of other kinds by name, as encoder=0.01.
    """
    suited = borne(rate, card, **others)
    return min(suited, max(LOWEST_RATE, suited * REFERENCE_WIDTH / card.width))


def borne(rate: float, card: ModelCard, **others: float) -> float:
    """The rate for this kind of model, for what learns as fast at every width."""
    return others.get(card.kind, float(f"{rate * BEARS[card.kind]:.3g}"))
