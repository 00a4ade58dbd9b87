"""A linear layer that chooses among labels."""

import torch
from torch import nn

SPREAD = 0.02  # standard deviation of the start: Radford et al. 2018, section 4.1; Devlin et al. 2018 have the same


class ClassificationHead(nn.Linear):
    """Logits (examples, labels) from states (examples, width); the generator draws its start."""

    def __init__(self, labels: tuple[str, ...], width: int, generator: torch.Generator) -> None:
        super().__init__(width, len(labels))
        self.labels = labels
        with torch.no_grad():
            self.weight.copy_(SPREAD * torch.randn(self.weight.shape, generator=generator))  # (labels, width)
            self.bias.zero_()
