"""What each way of tuning is in plain PyTorch and PEFT: one file each, found by the registry."""

from workbench.registry import Registry
from workbench.report.plain.contract import Plain

PLAIN: Registry[Plain] = Registry(__name__, Plain, "method")
