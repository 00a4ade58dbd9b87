"""The ways of tuning: one file each, found by the registry."""

from workbench.methods.contract import Method
from workbench.registry import Registry

METHODS: Registry[Method] = Registry(__name__, Method, "method")


def place_of(name: str) -> int:
    """Where a method stands among all, those that lessons teach first; it decides the method's colour."""
    ordered = sorted(METHODS, key=lambda other: not METHODS[other].taught)
    return ordered.index(name) if name in METHODS else len(ordered)
