"""What a notebook calls: `import workbench.widgets as wb`, then `wb.race(methods=["full", "lora"])`."""

from workbench.widgets.board import Board, Run
from workbench.widgets.classroom import Classroom, connect
from workbench.widgets.comparison import compare
from workbench.widgets.form import pick
from workbench.widgets.listing import RunList, runs
from workbench.widgets.playground import play
from workbench.widgets.range_test import Rates, rates
from workbench.widgets.start import race, train
from workbench.widgets.xray import anatomy

__all__ = ["Board", "Classroom", "Rates", "Run", "RunList"]
__all__ += ["anatomy", "compare", "connect", "pick", "play", "race", "rates", "runs", "train"]
