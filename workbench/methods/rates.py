"""How a learning rate that is good for the pocket model is carried over to wider models."""

from workbench.card import ModelCard

REFERENCE_WIDTH = 192  # of the model that the sweeps in bench/ are made on
LOWEST_RATE = 2e-5  # what 7B models are commonly fine-tuned with (Llama 2, arXiv:2307.09288, section 3.1)


def narrowed(rate: float, card: ModelCard) -> float:
    """The rate times 192 / width, at least 2e-5, never more than the rate itself.

    Adam's best rate for a matrix falls as one over its width (Yang et al. 2022, arXiv:2203.03466, table 3).
    """
    return min(rate, max(LOWEST_RATE, rate * REFERENCE_WIDTH / card.width))
