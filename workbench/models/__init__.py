"""Base models: families of architectures, a catalog of models, and safe loading."""

from workbench.models.contract import Family
from workbench.registry import Registry

FAMILIES: Registry[Family] = Registry(__name__, Family, "family")
