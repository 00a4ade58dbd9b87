"""Learn: a page for each idea and each way of tuning, from the same texts as the forms and the docs."""

from collections.abc import Sequence
from html import escape

import gradio as gr

from workbench.menu.pages import Page, Section, idea_pages, link, method_pages
from workbench.menu.svg import inline


def build() -> None:
    """All pages in one place; `static/learn.js` shows the one that the address names, or the list of them."""
    gr.HTML(
        f'<div class="workbench"><div class="learn">{written(idea_pages(), method_pages())}</div></div>',
        js_on_load="import('/page/learn.js').then((part) => part.mount(element));",
        apply_default_css=False,
        padding=False,
        elem_id="island-learn",
    )


def written(ideas: Sequence[Page], methods: Sequence[Page]) -> str:
    """The list of pages and the pages, all but the list hidden."""
    every = [*ideas, *methods]
    after = [*every[1:], every[0]]
    home = (
        '<section class="card learn-home"><h2>Five steps</h2><ol class="learn-steps"></ol>'
        '<p><button type="button" class="learn-tour">Show the tour again</button></p></section>'
        f'<section class="card learn-home"><h2>Ideas</h2>{_cards(ideas)}</section>'
        f'<section class="card learn-home"><h2>Ways of tuning</h2>{_cards(methods)}</section>'
    )
    return home + "".join(article(page, following) for page, following in zip(every, after, strict=True))


def article(page: Page, following: Page) -> str:
    """One page, hidden, with a link to the one that follows."""
    name, title = escape(page.name), f"learn-{escape(page.name)}-title"
    term = f'<p class="soft">The term: <strong>{escape(page.term)}</strong></p>' if page.term else ""
    sections = "".join(_section(section) for section in page.sections)
    parts = (
        f'<p><a href="?learn=">All pages</a></p><h2 id="{title}" tabindex="-1">{escape(page.title)}</h2>',
        f'{term}<p class="lead">{escape(page.plain)}</p>',
        f'<div class="learn-body"><div>{sections}</div>{_figure(page)}</div>',
        _knobs(page),
        f'<p><a class="button primary" href="{escape(link(page.race))}">{escape(page.invitation)}</a></p>',
        f'<p>Next: <a href="?learn={escape(following.name)}">{escape(following.title)}</a></p>',
    )
    head = f'<article class="card learn-page" id="learn-{name}" data-name="{name}" aria-labelledby="{title}" hidden>'
    return f"{head}{''.join(parts)}</article>"


def _section(section: Section) -> str:
    text = escape(section.text)
    return f"<h3>{escape(section.heading)}</h3><p>{f'<code>{text}</code>' if section.is_formula else text}</p>"


def _figure(page: Page) -> str:
    if page.picture is None:
        return ""
    return f"<figure>{inline(page.picture)}<figcaption>{escape(page.caption)}</figcaption></figure>"


def _cards(pages: Sequence[Page]) -> str:
    cards = "".join(
        f'<li><a class="choice" href="?learn={escape(page.name)}"><span class="title">{escape(page.title)}</span>'
        f"<small>{escape(page.term or page.plain)}</small></a></li>"
        for page in pages
    )
    return f'<ul class="choices">{cards}</ul>'


def _knobs(page: Page) -> str:
    """The table of knobs; empty where there are none."""
    if not page.knobs:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(default)}</td><td>{escape(told)}</td></tr>'
        for name, default, told in page.knobs
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("knob", "default", "what it does"))
    return (
        f'<h3>Knobs</h3><div class="wide" tabindex="0" role="region" aria-label="Knobs of {escape(page.title)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
