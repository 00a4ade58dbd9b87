"""The architecture, held by the syntax trees: imports point down, siblings stay apart, heavy packages wait."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "workbench"

# From the ground up; a part may import from the rows above its own, and from its own folder.
LAYERS = [
    {
        "__init__",
        "errors",
        "settings",
        "log",
        "registry",
        "knobs",
        "card",
        "anatomy",
        "activations",
        "memory",
        "spec",
        "events",
        "history",
        "hub",
        "units",
    },
    {"pocket", "metrics"},
    {"models", "methods", "tasks", "objectives", "ideas", "views"},
    {"training", "pretraining", "menu"},
    {"runs"},
    {"report", "store"},
    {"jobs", "lessons"},
    {"server"},
    {"ui", "widgets"},
    {"cli"},
    {"__main__"},
]
GROUND = LAYERS[0]
HEAVY = {
    "torch", "transformers", "peft", "datasets", "tokenizers", "plotly", "gradio", "fastapi",
    "sklearn", "sacrebleu", "rouge_score",
}  # fmt: skip
MAY_BE_HEAVY = {"training", "pretraining", "views", "report", "server", "ui", "widgets"}
HEAVY_FILES = {"methods/tuners"}  # imported by the methods inside functions only
SCREENS = {"gradio", "plotly", "fastapi", "datasets", "typer", "rich"}


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield (module, whether it is imported when the file is)."""
    late = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)) or is_for_types(outer)
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) not in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or "", id(node) not in late


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    own = part_of(path)
    height = {part: level for level, parts in enumerate(LAYERS) for part in parts}
    for module, _ in imports(ast.parse(path.read_text())):
        if not module.startswith("workbench"):
            continue
        other = (module.split(".") + ["__init__"])[1]
        is_below = height[other] < height[own]
        is_own = other == own or {own, other} <= GROUND
        assert is_below or is_own, f"{path.name} in layer {height[own]} imports {module} of layer {height[other]}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_packages_are_imported_where_they_are_needed(path: Path) -> None:
    own = part_of(path)
    eager = {module.split(".")[0] for module, is_eager in imports(ast.parse(path.read_text())) if is_eager}
    if any(str(path.relative_to(ROOT)).startswith(folder) for folder in HEAVY_FILES):
        return
    if own not in MAY_BE_HEAVY:
        assert not eager & HEAVY
    if own in {"training", "pretraining", "methods", "models", "tasks", "metrics", "runs"}:
        assert not eager & SCREENS


def test_no_widget_knows_the_app_and_its_server() -> None:
    for path in (ROOT / "widgets").glob("*.py"):
        named = {module for module, _ in imports(ast.parse(path.read_text()))}
        assert not {module for module in named if module.startswith(("gradio", "fastapi", "workbench.server"))}


def test_every_file_is_in_a_layer() -> None:
    placed = set().union(*LAYERS)
    assert {part_of(path) for path in FILES} <= placed


def test_the_ground_layer_needs_the_standard_library_only() -> None:
    import sys

    for path in FILES:
        if part_of(path) in GROUND:
            eager = {module.split(".")[0] for module, _ in imports(ast.parse(path.read_text()))}
            assert eager <= sys.stdlib_module_names | {"workbench"}, path.name
