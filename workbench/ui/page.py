"""The page: Gradio's shell with five tabs, mounted on the server."""

from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from workbench.server.app import PLOTLY, build
from workbench.server.boundary import Wall
from workbench.server.desk import Desk
from workbench.server.visitors import Visitors
from workbench.ui import compare, learn, play
from workbench.ui.island import island

STATIC = Path(__file__).parent / "static"
TITLE = "Transfer Workbench"
HEAD = f'<script defer src="{PLOTLY}"></script><link rel="stylesheet" href="/page/style.css">'
LEAD = "Pick a small language model, a task and several ways of tuning it. They train side by side, and you watch."


def application(desk: Desk, wall: Wall, visitors: Visitors) -> FastAPI:
    """The server with the page on it."""
    app = build(desk, wall, visitors, STATIC)
    return gr.mount_gradio_app(
        app,
        page(desk),
        path="/",
        head=HEAD,
        theme=theme(),
        css=".gradio-container { width: 100% !important; max-width: 1240px !important; margin: auto }",
        show_error=False,
        footer_links=[],
        pwa=False,
        mcp_server=False,
        ssr_mode=False,
        allowed_paths=[],
        max_file_size=None,
    )


def page(desk: Desk) -> gr.Blocks:
    """All tabs; each is a module with `build`."""
    with gr.Blocks(title=TITLE, analytics_enabled=False) as blocks:
        gr.HTML(
            f'<header class="workbench"><div><h1>{TITLE}</h1><p class="soft">{LEAD}</p></div></header>',
            js_on_load="import('/page/learn.js').then((part) => part.listen());",  # links to Learn work everywhere
            padding=False,
        )
        with gr.Tabs():
            with gr.Tab("Race", id="race"):
                island("race", "Loading the set-up ...")
            with gr.Tab("Compare", id="compare") as compare_tab:
                compare.build(desk, blocks, compare_tab)
            with gr.Tab("Play", id="play") as play_tab:
                play.build(desk, play_tab)
            with gr.Tab("Runs", id="runs"):
                island("runs", "Loading your runs ...")
            with gr.Tab("Learn", id="learn"):
                learn.build()
    return blocks


def theme() -> gr.themes.Base:
    """Gradio's plain theme with this machine's own fonts and colours of enough contrast."""
    return gr.themes.Base(
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.gray,
    ).set(
        button_primary_background_fill="#0b5cad",
        button_primary_background_fill_dark="#7ab8ff",
        button_primary_background_fill_hover="#094a8c",
        button_primary_background_fill_hover_dark="#9ccaff",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#0b1520",
        block_info_text_color="#57606a",
        block_info_text_color_dark="#a8b1bb",
        body_text_color_subdued="#57606a",
        body_text_color_subdued_dark="#a8b1bb",
        block_label_text_color="#3b434b",
        block_label_text_color_dark="#c3cad2",
    )
