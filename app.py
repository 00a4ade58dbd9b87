"""The Transfer Workbench in the browser: `python app.py` is `workbench serve`."""

import sys

from workbench.cli.app import app

if __name__ == "__main__":
    app(["serve", *sys.argv[1:]])
