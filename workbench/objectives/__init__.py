"""What is minimised: one file an objective, found by the registry."""

from workbench.objectives.contract import Objective
from workbench.registry import Registry

OBJECTIVES: Registry[Objective] = Registry(__name__, Objective, "objective")
