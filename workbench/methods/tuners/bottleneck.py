"""The bottleneck adapter as a PEFT tuner: add, save, load and switch off like LoRA; merging is refused.

After `register()`, `get_peft_model` takes a `BottleneckConfig` and `PeftModel.from_pretrained` loads its folders.
"""

from dataclasses import dataclass, field
from typing import Any

from peft.config import PeftConfig
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from peft.tuners.tuners_utils import BaseTuner, check_target_module_exists
from peft.utils import PeftType, register_peft_method
from torch import nn

from workbench.errors import WorkbenchError
from workbench.methods.tuners.hypercomplex import shared_rules
from workbench.methods.tuners.layers import BottleneckLayer, TrainedNorm

NAME = "BOTTLENECK"


@dataclass
class BottleneckConfig(PeftConfig):
    """Settings of the adapter.

    `scale`: what an adapter adds is multiplied by it. `target_modules`: linear layers whose output an adapter is
    added to. `input_modules`: for a parallel adapter, from the target to the layer whose input the adapter reads;
    empty: adapters read their target's output. `norm_modules`: norms that are trained too. `division`: down and up are
    sums of so many Kronecker products, each with a factor of rank `rank`, as in a Compacter; 0: plain matrices.
    `mixture`: adapters at each place, of which a pass in training takes one at random; with `share_up` they have the
    layer that widens again in common. What is saved is their average, one ordinary adapter.
    """

    width: int = 16
    nonlinearity: str = "relu"
    scale: float = 1.0
    target_modules: list[str] | None = None
    input_modules: dict[str, str] = field(default_factory=dict)
    norm_modules: list[str] = field(default_factory=list)
    division: int = 0
    rank: int = 1
    mixture: int = 1
    share_up: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[no-untyped-call]
        register()
        self.peft_type = PeftType(NAME)

    def to_dict(self) -> dict[str, Any]:
        """The settings of what is saved."""
        return {**super().to_dict(), "mixture": 1}


class BottleneckModel(BaseTuner):
    """A base model with bottleneck adapters put into its blocks."""

    prefix = "bottleneck_"
    tuner_layer_cls: Any = (BottleneckLayer, TrainedNorm)  # all that PEFT does with it is isinstance
    target_module_mapping: dict[str, list[str]] = {}

    @staticmethod
    def _check_target_module_exists(peft_config: Any, key: str) -> bool:
        return key in peft_config.norm_modules or bool(check_target_module_exists(peft_config, key))

    def _pre_injection_hook(self, model: nn.Module, config: Any, adapter_name: str) -> None:
        """Make what all layers of a Compacter share."""
        rules = {adapter_name: shared_rules(config.division)} if config.division else {}
        self.__dict__.setdefault("rules", {}).update(rules)  # a dict, so that torch sees them in the layers alone

    def _create_and_replace(
        self,
        peft_config: Any,  # a BottleneckConfig
        adapter_name: str,
        target: nn.Module,
        target_name: str,
        parent: nn.Module,
        current_key: str,
        parameter_name: str | None = None,
    ) -> None:
        """Wrap one layer of the base, or add another adapter to one that is wrapped."""
        layer = (
            target
            if isinstance(target, self.tuner_layer_cls)
            else self._wrapped(peft_config, adapter_name, target, current_key)
        )
        if isinstance(layer, TrainedNorm):
            layer.add(adapter_name, peft_config.inference_mode)
        else:
            pair = self._pair(layer, peft_config, adapter_name)
            layer.add(adapter_name, pair, peft_config)
        if layer is not target:
            self._replace_module(parent, target_name, layer, target)

    def _pair(self, layer: BottleneckLayer, config: BottleneckConfig, name: str) -> tuple[nn.Module, nn.Module]:
        if config.division:
            return layer.hypercomplex(config.width, self.__dict__["rules"][name], config.rank)
        return layer.plain(config.width)

    def _wrapped(
        self, peft_config: BottleneckConfig, adapter_name: str, target: nn.Module, key: str
    ) -> BottleneckLayer | TrainedNorm:
        if key in peft_config.norm_modules:
            return TrainedNorm(target, adapter_name)
        source = peft_config.input_modules.get(key)
        return BottleneckLayer(target, adapter_name, self.model.get_submodule(source) if source else None)

    def _check_merge_allowed(self) -> None:
        raise WorkbenchError(
            "A bottleneck adapter cannot be merged into the base: its nonlinearity is no matrix.",
            "Keep it as an adapter, or use lora, which can be merged.",
        )


def register() -> None:
    """Make PEFT know the adapter; does nothing the second time.

    PEFT takes only methods of its closed enum, so a member is added to it in the running program.
    """
    if NAME not in PeftType.__members__:
        member = str.__new__(PeftType, NAME)
        member._name_, member._value_ = NAME, NAME
        type.__setattr__(PeftType, NAME, member)
        PeftType._member_names_.append(NAME)
        PeftType._member_map_[NAME] = member
        PeftType._value2member_map_[NAME] = member
    if PeftType(NAME) not in PEFT_TYPE_TO_CONFIG_MAPPING:
        register_peft_method(name=NAME.lower(), config_cls=BottleneckConfig, model_cls=BottleneckModel)
