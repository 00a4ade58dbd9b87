"""Pictures of runs: a table of plain data first, a plotly figure second."""

from workbench.registry import Registry
from workbench.views.contract import View

VIEWS: Registry[View] = Registry(__name__, View, "view")
