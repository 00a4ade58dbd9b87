"""What is written to the terminal, and how a person is told that something went wrong."""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.errors import WorkbenchError
from workbench.views.text import readable


def screen() -> Console:
    """The standard output; colours only on a terminal, and never where NO_COLOR is set."""
    return Console(highlight=False, markup=False, emoji=False)


def aside() -> Console:
    """The error output."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def tell(error: WorkbenchError) -> None:
    """Say in one sentence what went wrong and what to try."""
    words = Text.assemble(("Error: ", "bold red"), " ".join(readable(error).split()))
    aside().print(words, soft_wrap=True)


def say(text: str, style: str = "") -> None:
    """A line for a person; the text is shown as it is."""
    screen().print(Text(readable(text), style=style), soft_wrap=not sys.stdout.isatty())


def show_json(data: Any) -> None:
    """Data for a program, on the standard output; never coloured, wrapped or cut."""
    sys.stdout.write(as_json(data) + "\n")


def as_json(data: Any) -> str:
    """Indented JSON, in which a NaN or an infinity is a fault of ours."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False, default=str)


def grid(
    heads: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = (), whole: Sequence[str] = ()
) -> Table:
    """A table; the columns named in `right` hold numbers. Those and the `whole` ones are never cut or broken.

    Cells may be texts from anywhere.
    """
    cells = [[cell if isinstance(cell, Text) else Text(readable(cell)) for cell in row] for row in rows]
    table = Table(box=_box(), padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for place, head in enumerate(heads):
        if head in right or head in whole:
            widest = max([len(head), *(row[place].cell_len for row in cells)])
            table.add_column(head, justify="right" if head in right else "left", no_wrap=True, min_width=widest)
        else:
            table.add_column(head, overflow="fold")
    for row in cells:
        table.add_row(*row)
    return table


def _box() -> Any:
    from rich import box

    return box.SIMPLE_HEAD if is_unicode(screen()) else box.ASCII2


def is_unicode(console: Console) -> bool:
    """Whether what is written there can be more than ASCII; ask before a live table takes the output over."""
    return console.encoding.startswith("utf") and os.environ.get("TERM") != "dumb"


def short_count(number: float) -> str:
    """3.4M for 3,400,000: three digits at most."""
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(number) >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"


def short_bytes(number: float) -> str:
    """12.3 MiB for 12,900,000."""
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if abs(number) >= 1024**power:
            size = number / 1024**power
            return f"{size:.0f} {unit}" if size >= 1000 else f"{size:.3g} {unit}"
    return f"{number:.0f} B"


def short_time(seconds: float) -> str:
    """1:05 for 65 seconds; 2:03:00 for more than an hour."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
