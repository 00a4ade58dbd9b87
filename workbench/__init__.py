"""The Transfer Workbench: race ways of tuning a small language model side by side."""

__version__ = "0.1.0"
