"""Parts are files: a registry lists the classes that implement a contract in the files of one folder."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from workbench.errors import SpecError

Part = TypeVar("Part")


class Registry(Mapping[str, type[Part]], Generic[Part]):
    """The parts of one folder by name, in their teaching order; read at the first look, not at import.

    A part is a class with a `name`, defined in a module of `package`, that implements `contract`.
    """

    def __init__(self, package: str, contract: type[Part], noun: str) -> None:
        self.package = package
        self.contract = contract
        self.noun = noun

    @cached_property
    def _parts(self) -> dict[str, type[Part]]:
        folder = importlib.import_module(self.package)
        modules = [
            importlib.import_module(f"{self.package}.{module.name}")
            for module in pkgutil.iter_modules(folder.__path__)
            if not module.ispkg
        ]
        found = {part.name: part for module in modules for part in self._parts_of(module)}  # type: ignore[attr-defined]
        return dict(sorted(found.items(), key=lambda item: (getattr(item[1], "order", 100), item[0])))

    def _parts_of(self, module: object) -> list[type[Part]]:
        name = getattr(module, "__name__", "")
        return [
            part
            for part in vars(module).values()
            if isinstance(part, type)
            and issubclass(part, self.contract)
            and part.__module__ == name
            and "name" in vars(part)
        ]

    def __getitem__(self, name: str) -> type[Part]:
        if name not in self._parts:
            near = difflib.get_close_matches(str(name), self._parts, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"`workbench {self.noun}s` lists them."
            raise SpecError(self.noun, name, "one of " + ", ".join(self._parts), hint)
        return self._parts[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
