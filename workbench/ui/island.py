"""An island: a part of the page that our own script draws, hosted by Gradio's HTML component."""

import gradio as gr


def island(name: str, waiting: str) -> gr.HTML:
    """A place that `static/<name>.js` fills: its `mount(element)` is called when the page shows it."""
    return gr.HTML(
        value=None,
        html_template=f'<div class="workbench"><div class="{name}"><p>{waiting}</p></div></div>',
        js_on_load=f"import('/page/{name}.js').then((part) => part.mount(element));",
        apply_default_css=False,
        padding=False,
        elem_id=f"island-{name}",
    )
