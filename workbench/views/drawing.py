"""What the figures of all views share: an empty canvas, and texts that plotly must not read as markup."""

import html
from typing import TYPE_CHECKING, Any

from workbench.views.colour import Style

if TYPE_CHECKING:
    import plotly.graph_objects as go

NEUTRAL = "#7a7a7a"  # readable on white and on dark; a page may set its own colour
GRID = "rgba(128,128,128,0.25)"
LONGEST_NAME = 24  # characters at an axis: half of a narrow screen


def canvas(x_title: str, y_title: str, height: int = 420, **layout: Any) -> "go.Figure":
    """An empty figure: no background, grey axes, a legend above the plot; height in pixels."""
    import plotly.graph_objects as go

    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "automargin": True}
    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 13, "color": NEUTRAL},
        margin={"l": 8, "r": 16, "t": 12, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},  # below, it would hide the axis title
        xaxis={"title": {"text": x_title, "font": {"size": 13}}, **axis},
        yaxis={"title": {"text": y_title, "font": {"size": 13}}, **axis},
        hoverlabel={"namelength": -1},
        showlegend=True,  # also of one run alone
    )
    figure.update_layout(**layout)
    return figure


def plain(text: str) -> str:
    """The text so that plotly shows it as it is: its labels understand some HTML."""
    return html.escape(text, quote=False)


def line(style: Style, width: float = 2.5) -> dict[str, Any]:
    """The run's line."""
    return {"color": style.colour, "dash": style.dash, "width": width}


def faint(style: Style, opacity: float = 0.2) -> str:
    """The run's colour, so thin that lines show through."""
    red, green, blue = (int(style.colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def marker(style: Style, size: int = 9) -> dict[str, Any]:
    """The run's marker; size in pixels."""
    return {"color": style.colour, "symbol": style.marker, "size": size}


def name_rows(figure: "go.Figure", labels: list[str]) -> None:
    """Let the y axis list these runs from top to bottom; a long name is shown cut, and whole on hover."""
    shown = [label if len(label) <= LONGEST_NAME else label[: LONGEST_NAME - 1] + "…" for label in labels]
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=[plain(label) for label in labels][::-1],
        tickvals=[plain(label) for label in labels],
        ticktext=[plain(label) for label in shown],
        ticksuffix=" ",
    )
