"""The server: who may come in, what can be asked, and the live socket; knows no page and no torch."""
