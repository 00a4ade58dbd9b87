"""The ideas behind tuning: one file each, found by the registry."""

from workbench.ideas.contract import Idea
from workbench.registry import Registry

IDEAS: Registry[Idea] = Registry(__name__, Idea, "idea")
