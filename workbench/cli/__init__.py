"""The command line: typer commands over the layers below, drawn with rich."""
