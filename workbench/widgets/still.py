"""What a cell's output holds: a widget where something is alive to draw it, and a still picture and table elsewhere.

A notebook is often read where no kernel runs: on a forge's page, after nbconvert, in a terminal. So each output
carries, beside the widget, what it shows in plain HTML, as a picture and as text; a viewer takes the first it can.
"""

import base64
import secrets
from dataclasses import dataclass
from typing import Any

from workbench.widgets.tables import safe

WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Still:
    """What is shown where no widget lives: `image` is an SVG file whose content `told` says in words."""

    text: str
    html: str = ""
    image: str = ""
    told: str = ""

    def bundle(self, widget: Any = None) -> dict[str, Any]:
        """The output by MIME type; with a widget that comes first wherever it can live."""
        bundle: dict[str, Any] = {"text/plain": self.text}
        if self.html:
            bundle["text/html"] = (embedded(self.image, self.told) if self.image else "") + self.html
        if self.image:
            bundle["image/svg+xml"] = self.image
        if widget is not None:
            bundle[WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        return bundle


def embedded(image: str, told: str) -> str:
    """An SVG file as an image of a page: viewers that clean up HTML drop drawings, but keep images."""
    data = base64.b64encode(image.encode()).decode()
    return f'<img alt="{safe(told)}" style="max-width:100%" src="data:image/svg+xml;base64,{data}">'


def shell() -> Any:
    """The IPython that runs this code; None in plain Python."""
    from IPython.core.getipython import get_ipython

    return get_ipython()


def put(bundle: dict[str, Any]) -> str:
    """Show an output in the cell that runs; returns the name under which it can be replaced."""
    from IPython.display import display

    name = f"workbench-{secrets.token_hex(8)}"
    display(bundle, raw=True, display_id=name)  # type: ignore[no-untyped-call]
    return name


def replace(name: str, bundle: dict[str, Any]) -> None:
    """Put another output in the place of an earlier one."""
    from IPython.display import update_display

    update_display(bundle, raw=True, display_id=name)  # type: ignore[no-untyped-call]
