"""The frame of the report: one self-contained page, light or dark as the reader's system is."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --panel: #f5f6f7; --text: #1c2024; --soft: #5a626b;
  --edge: #d5d9dd; --accent: #0b5fa5; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --panel: #1d2126; --text: #e7eaee; --soft: #a3abb5; --edge: #373d45; --accent: #6db3f2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 74rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--edge); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .4rem 0; max-width: 46rem; }
.soft, caption { color: var(--soft); font-size: .92rem; }
nav a { color: var(--accent); margin-right: .9rem; display: inline-block; padding: .15rem 0; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .6rem 1.2rem; }
dl.facts div { border-left: 3px solid var(--edge); padding-left: .7rem; min-width: 0; }
dt { color: var(--soft); font-size: .82rem; }
dd { margin: 0; overflow-wrap: anywhere; }
ul.findings { padding-left: 1.2rem; max-width: 46rem; }
ul.findings li { margin: .35rem 0; }
.wide { overflow-x: auto; border: 1px solid var(--edge); border-radius: .4rem; margin: .8rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { caption-side: bottom; text-align: left; padding: .5rem .7rem; }
th, td { padding: .4rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--edge); }
th:first-child, td:first-child { text-align: left; }
thead th { background: var(--panel); font-weight: 600; vertical-align: bottom; white-space: normal; }
tbody th { position: sticky; left: 0; background: var(--page); min-width: min(11rem, 33vw); white-space: normal;
  overflow-wrap: anywhere; }
tbody th { font-weight: 600; }
td { font-variant-numeric: tabular-nums; }
.swatch { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .5em; }
.failed { color: #c0392b; } @media (prefers-color-scheme: dark) { .failed { color: #ff8a7a; } }
.figure { width: 100%; min-height: 200px; }
.texts { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .7rem;
  margin: .5rem 0 1.5rem; }
.text { background: var(--panel); border: 1px solid var(--edge); border-radius: .4rem; padding: .6rem .8rem;
  min-width: 0; }
.text h4 { margin: 0 0 .3rem; font-size: .85rem; color: var(--soft); }
.text p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .92rem; }
.prompt { border-left: 3px solid var(--accent); padding-left: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
[dir="auto"] { text-align: start; unicode-bidi: plaintext; } /* each line of a text its own way */
pre { background: var(--panel); border: 1px solid var(--edge); border-radius: .4rem; padding: .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
details summary { cursor: pointer; color: var(--accent); padding: .3rem 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media print { nav { display: none; } }
"""

# Draws every figure, and paints them again when the system turns dark or light.
SCRIPT = """
const dark = matchMedia('(prefers-color-scheme: dark)');
const narrow = () => document.documentElement.clientWidth < 600;
function look() {
  const css = getComputedStyle(document.documentElement), of = name => css.getPropertyValue(name).trim();
  return { 'font.color': of('--text'), 'xaxis.gridcolor': of('--edge'), 'yaxis.gridcolor': of('--edge'),
    'xaxis.linecolor': of('--edge'), 'yaxis.linecolor': of('--edge'), 'font.size': narrow() ? 11 : 13,
    'hoverlabel.bgcolor': of('--panel'), 'hoverlabel.font.color': of('--text'),
    'hoverlabel.bordercolor': of('--edge') };
}
const figures = [...document.querySelectorAll('.figure')];
for (const place of figures) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displaylogo: false, displayModeBar: 'hover',
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'], scrollZoom: false })
    .then(() => Plotly.relayout(place, look()));
}
dark.addEventListener('change', () => figures.forEach(place => Plotly.relayout(place, look())));
"""

# Nothing may be fetched: a report opened years later, or from a stranger, asks nobody for anything.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; font-src data:"
)


@dataclass(frozen=True)
class Section:
    """A part of the page; `body` is HTML, `figure` the JSON of a plotly figure drawn above it."""

    name: str
    title: str
    explains: str
    body: str = ""
    figure: str = ""


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The whole page; plotly.js stands in it once, and only where a figure needs it."""
    links = "".join(f'<a href="#{section.name}">{escape(section.title)}</a>' for section in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header><h1>{escape(title)}</h1>\n<p class="soft">{escape(lead)}</p>\n'
        f'<nav aria-label="Sections">{links}</nav></header>\n'
        + "\n".join(_section(section) for section in sections)
        + f"\n</main>\n{_scripts(sections)}</body>\n</html>\n"
    )


def escape(text: object) -> str:
    """The text as HTML shows it."""
    return html.escape(str(text))


def _section(section: Section) -> str:
    figure = ""
    if section.figure:
        label = escape(f"{section.title}. {section.explains}")
        figure = f'<div class="figure" role="img" aria-label="{label}" data-figure="figure-{section.name}"></div>\n'
    return (
        f'<section id="{section.name}">\n<h2>{escape(section.title)}</h2>\n'
        f'<p class="soft">{escape(section.explains)}</p>\n{figure}{section.body}\n</section>'
    )


def _scripts(sections: Sequence[Section]) -> str:
    drawn = [section for section in sections if section.figure]
    if not drawn:
        return ""
    from plotly.offline import get_plotlyjs

    data = "".join(
        f'<script type="application/json" id="figure-{section.name}">{_inside_script(section.figure)}</script>\n'
        for section in drawn
    )
    return f"{data}<script>{get_plotlyjs()}</script>\n<script>{SCRIPT}</script>\n"


def _inside_script(data: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
