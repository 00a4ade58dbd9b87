"""The ways of tuning: one file each, found by the registry."""

from workbench.methods.contract import Method
from workbench.registry import Registry

METHODS: Registry[Method] = Registry(__name__, Method, "method")
