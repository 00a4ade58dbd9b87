"""The MAM adapter: prefix tuning with PEFT, and adapters beside the feed-forward in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.adapter import BESIDE, adapter_module, all_beside
from workbench.report.plain.contract import Plain
from workbench.report.plain.prefix import PlainPrefix

AGAIN = "torch.manual_seed(torch.randint(2**62, (), generator=generator).item())  # the adapters' random start\n"


class PlainMixAndMatch(Plain):
    """PEFT's PrefixTuningConfig, and a hook in each block."""

    name = "mam"

    def code(self, method: Any, card: ModelCard) -> str:
        """Wrap the base for the prefix, then put an adapter beside each feed-forward in it."""
        prefix = PlainPrefix().code(method.prefix, card)
        return f"{adapter_module(method.adapter)}{BESIDE}{prefix}\n{AGAIN}{all_beside(method.adapter, card)}"
