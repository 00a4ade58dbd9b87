"""Methods that PEFT builds: wrap a model that shares its weights, and find what moves."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.card import Kind, ModelCard
from workbench.errors import SpecError
from workbench.methods.contract import Tuned
from workbench.methods.weights import seeded

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

ADAPTER = "default"  # PEFT's name for the only adapter of a model
UPDATE = "pip install 'peft>=0.21,<0.22'"  # all methods run with these
TASKS: dict[Kind, str] = {  # PEFT's name for what a model of each kind does; an encoder gives what its head makes of it
    "decoder": "CAUSAL_LM",
    "encoder": "FEATURE_EXTRACTION",
    "encoder_decoder": "SEQ_2_SEQ_LM",
}


def config_class(name: str, title: str) -> Any:
    """PEFT's config class of this name, which the method of this title needs.

    Raises:
        SpecError: the installed PEFT is older than the method.
    """
    import peft

    if not hasattr(peft, name):
        allowed = f"one that has {name}, which {title} needs"
        raise SpecError("the installed PEFT", peft.__version__, allowed, f"Update it: {UPDATE}")
    return getattr(peft, name)


def import_peft() -> None:
    """Import PEFT without bitsandbytes, which takes three seconds to import and which QLoRA alone needs.

    Where PEFT was imported before, or bitsandbytes, nothing is changed.
    """
    if "peft" in sys.modules or "bitsandbytes" in sys.modules:
        return
    sys.modules["bitsandbytes"] = None  # type: ignore[assignment]  # so PEFT finds none
    try:
        from peft import import_utils

        import_utils.is_bnb_available(), import_utils.is_bnb_4bit_available()  # both remember what they found
    finally:
        del sys.modules["bitsandbytes"]


def wrap(model: "PreTrainedModel", config: Any, card: ModelCard, generator: "torch.Generator") -> "PeftModel":
    """The model as PEFT tunes it, with every random start drawn from the generator.

    The base is named by its catalog name, so that a saved adapter tells no path of this machine.
    """
    from peft import get_peft_model

    with seeded(generator), without_idle_warnings():
        wrapped: PeftModel = get_peft_model(model, config)
    wrapped.peft_config[ADAPTER].base_model_name_or_path = card.name
    return wrapped


def tuned_by(wrapped: "PeftModel") -> Tuned:
    """What PEFT made: the parameters that need a gradient move, PEFT's own switch gives the base."""
    movable = {name: parameter for name, parameter in wrapped.named_parameters() if parameter.requires_grad}
    return Tuned(wrapped, movable, wrapped.disable_adapter)


@contextmanager
def without_idle_warnings() -> Iterator[None]:
    """Within, PEFT warns of nothing that a person could do something about.

    PEFT 0.21 asks transformers 5.2x for a name that goes with its version 6; BEFT says of a layer without a bias that
    its own cannot be merged, which is said where somebody merges.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Detected that the base layer has no bias term", UserWarning)
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield
