"""The pages of Learn as documents: `python -m workbench.menu.handbook` writes them into docs/."""

from collections.abc import Sequence
from pathlib import Path

from workbench.menu.matrix import as_markdown as matrix
from workbench.menu.pages import Page, command, idea_pages, method_pages
from workbench.menu.svg import as_file

DOCS = Path(__file__).parents[2] / "docs"
COMMAND = ".venv/bin/python -m workbench.menu.handbook"
LEADS = {
    "methods": ("Ways of tuning", "Pictures show pocket-gpt, drawn from the same parts as the X-ray in the app."),
    "ideas": ("Ideas", "Figures are from [results.md](results.md) where they are measured, else computed."),
}

MATRIX = (
    "Held by the tests for every cell: it starts at the base or says not, moves what it says and nothing else, is "
    "switched off, saved and loaded. Where it says no, these are its words."
)


def documents() -> dict[str, str]:
    """Every file of the handbook: its path in docs/ and its text."""
    pages = {"methods": method_pages(), "ideas": idea_pages()}
    files = {f"{name}.md": document(*LEADS[name], pages[name]) for name in pages}
    files["methods.md"] += f"\n## Which models each serves\n\n{MATRIX}\n\n{matrix()}\n"
    every = [page for shown in pages.values() for page in shown]
    return files | {f"pictures/{page.name}.svg": as_file(page.picture) for page in every if page.picture}


def document(title: str, lead: str, pages: Sequence[Page]) -> str:
    """One document of several pages."""
    written = f"The Learn tab shows the same pages.\nWritten by `{COMMAND}` from the parts' own texts."
    head = f"# {title}\n\n{lead} {written}\n"
    return head + "".join(f"\n{as_markdown(page)}" for page in pages)


def as_markdown(page: Page) -> str:
    """One page as a part of a document."""
    heading = f"{page.title} ({page.term})" if page.term else page.title
    parts = [f"## {plain(heading)}", plain(page.plain)]
    if page.picture:
        parts.append(f"![{plain(page.picture.label)}](pictures/{page.name}.svg)")
    for section in page.sections:
        parts.append(f"**{section.heading}.** " + (f"`{section.text}`" if section.is_formula else plain(section.text)))
    if page.knobs:
        lines = [f"| {' | '.join(plain(cell) for cell in row)} |" for row in page.knobs]
        parts.append("\n".join(["| knob | default | what it does |", "|---|---|---|", *lines]))
    parts.append(f"**Try it.**\n\n```sh\n{command(page.race)}\n```")
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|" else letter for letter in text)


def write(folder: Path) -> None:
    """Write every file of the handbook into the folder, and remove pictures that no page has."""
    files = documents()
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for old in (folder / "pictures").glob("*.svg"):
        if f"pictures/{old.name}" not in files:
            old.unlink()
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(DOCS)
