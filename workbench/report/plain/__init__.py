"""What each way of tuning is in plain PyTorch and PEFT: one file each, found by the registry."""

from workbench.methods.beside import Beside
from workbench.methods.contract import Method
from workbench.methods.full import FullFineTuning
from workbench.registry import Registry
from workbench.report.plain.beside import PlainBeside
from workbench.report.plain.contract import Plain

PLAIN: Registry[Plain] = Registry(__name__, Plain, "method")


def plain_of(method: Method) -> Plain | None:
    """The plain version of a method; None where there is none."""
    if isinstance(method, FullFineTuning) and method.is_regularised:
        return None
    if method.name in PLAIN:
        return PLAIN[method.name]()
    return PlainBeside() if isinstance(method, Beside) else None
