"""What a base model learns from in pretraining, by its architecture: next tokens, masked tokens or missing spans."""

from workbench.pretraining.kinds.contract import Kind
from workbench.registry import Registry

KINDS: Registry[Kind] = Registry(__name__, Kind, "kind")
