"""Keep what a method learned, and put it back on a base model."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import RunError, SpecError
from workbench.knobs import configure
from workbench.methods.contract import Method, Tuned, check_packages
from workbench.methods.head import is_of_head, load_head, save_head
from workbench.methods.peft_models import ADAPTER, import_peft, without_idle_warnings

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from torch import nn
    from transformers import PreTrainedModel

DESCRIPTION = "artifact.json"
WEIGHTS = "model.safetensors"
PEFT_CONFIG = "adapter_config.json"
PEFT_WEIGHTS = "adapter_model.safetensors"
WITHIN = "within"  # the folder of a second PEFT model over the same base
PEFT_STARTS = (True, False, "pissa")
VECTORS = ("PROMPT_TUNING", "P_TUNING", "MULTITASK_PROMPT_TUNING")  # kinds that put vectors before a text


def save_artifact(tuned: Tuned, method: Method, folder: Path) -> None:
    """Write what was learned into the folder.

    A method of PEFT's gives an ordinary PEFT folder, and one that is two of PEFT's a second folder in it. Weights of
    the base that moved are written by name; a model of which every one moved gets its config beside them and is an
    ordinary transformers folder. A classification head is a file of its own.
    """
    from peft import PeftModel

    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(tuned.model, PeftModel):
        save_adapter(tuned.model, folder)
        if tuned.within:
            save_adapter(tuned.within, folder / WITHIN)
        if tuned.moved:
            _save_weights(tuned.moved, folder)
    else:
        _save_weights(tuned.kept() if tuned.kept else tuned.movable, folder)
        _save_config(tuned, folder)
    save_head(tuned.model, folder)
    description = {"method": method.name, "knobs": asdict(method), **tuned.told}  # type: ignore[call-overload]
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")


def load_artifact(folder: Path, base_model: "PreTrainedModel", whole: bool = False) -> "nn.Module":
    """The tuned model, made of the base model, which is changed by it, and what the folder holds.

    `whole`: with every weight in full precision, so that what was learned can be added into it.

    Raises:
        RunError: the folder holds no artifact, or one that does not fit this base model.
        SpecError: its method needs a package that is not installed.
    """
    import_peft()
    method = _method(folder)
    if method:
        check_packages(method)
        method.prepare(base_model, whole)
    model = _load_body(folder, base_model, method)
    load_head(model, folder)
    return model


def _load_body(folder: Path, base_model: "PreTrainedModel", method: Method | None) -> "nn.Module":
    if (folder / PEFT_CONFIG).is_file():
        if (folder / WITHIN).is_dir():
            _load_adapter(folder / WITHIN, base_model)  # puts its layers into the base
        if (folder / WEIGHTS).is_file():
            _load_weights(folder, base_model, None)
        return _load_adapter(folder, base_model)
    if (folder / WEIGHTS).is_file():
        return _load_weights(folder, base_model, method)
    if (folder / DESCRIPTION).is_file():
        return base_model  # nothing of it was trained
    raise RunError(f"There is no tuned model in {folder}.", "Give the artifact folder of a finished run.")


def _method(folder: Path) -> Method | None:
    """The method that the artifact says it is of; None for a folder that PEFT wrote, or a combination of several."""
    from workbench.methods import METHODS

    try:
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        name, values = description["method"], description["knobs"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        return configure(METHODS[name], values, name)
    except SpecError as error:
        raise _misfit(folder) from error


def save_adapter(model: "PeftModel", folder: Path) -> None:
    """What PEFT's save_pretrained writes, without its README, which would tell this machine's paths."""
    from copy import copy

    from safetensors.torch import save_file

    folder.mkdir(exist_ok=True)
    tensors = {name: _plain(tensor) for name, tensor in _learned(model).items()}
    save_file(tensors, folder / PEFT_WEIGHTS, metadata={"format": "pt"})
    config = copy(model.peft_config[ADAPTER])
    config.inference_mode = True
    config.save_pretrained(str(folder))


def _learned(model: "PeftModel") -> dict[str, "torch.Tensor"]:
    """What PEFT keeps of the model; what all layers share, as RandLoRA's random matrices, once and not for each."""
    from peft import get_peft_model_state_dict

    # Asked to find out, PEFT would look on the hub whether the vocabulary has grown; ours never does.
    state = get_peft_model_state_dict(model, adapter_name=ADAPTER, save_embedding_layers=False)
    places: dict[tuple[int, torch.Size], str] = {}
    for name, tensor in state.items():
        places.setdefault((tensor.data_ptr(), tensor.shape), name)
    return {name: state[name] for name in places.values()}


def _save_weights(weights: Mapping[str, "torch.Tensor"], folder: Path) -> None:
    from safetensors.torch import save_file

    tensors = {name: _plain(weight) for name, weight in weights.items() if not is_of_head(name)}
    if tensors:
        save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def _save_config(tuned: Tuned, folder: Path) -> None:
    """Of a model of which every weight moved."""
    names = {name for name, _ in tuned.model.named_parameters() if not is_of_head(name)}
    if names and names == {name for name in tuned.movable if not is_of_head(name)}:
        config: Any = tuned.model.config
        config.save_pretrained(str(folder))


def _plain(tensor: "torch.Tensor") -> "torch.Tensor":
    """A tensor of its own on the CPU, as safetensors wants it."""
    return tensor.detach().cpu().contiguous().clone()


def _load_adapter(folder: Path, base_model: "PreTrainedModel") -> "PeftModel":
    from peft import PeftModel
    from safetensors import SafetensorError

    config = _read_config(folder)
    try:
        _check_width(config, base_model, folder)
        with without_idle_warnings():
            # Whether all is there is found out below; PEFT misses what is saved once for all layers.
            warnings.filterwarnings("ignore", "Found missing adapter keys", UserWarning)
            model = PeftModel.from_pretrained(base_model, str(folder), torch_device=str(base_model.device))
    except SafetensorError as error:
        raise _damaged(folder / PEFT_WEIGHTS) from error
    except (RuntimeError, ValueError, KeyError) as error:
        raise _misfit(folder) from error
    if set(_learned(model)) != _tensor_names(folder / PEFT_WEIGHTS):
        raise _misfit(folder)
    return model


def _check_width(config: Mapping[str, Any], base_model: "PreTrainedModel", folder: Path) -> None:
    """PEFT puts virtual tokens of any width before a text, and would fail at the first one."""
    embedding: Any = base_model.get_input_embeddings()
    width = embedding.weight.shape[1]
    if config["peft_type"] in VECTORS and config.get("token_dim") != width:
        raise _misfit(folder)
    depth = getattr(base_model.config, "num_decoder_layers", base_model.config.num_hidden_layers)
    if config["peft_type"] == "PREFIX_TUNING" and config.get("num_layers") != depth:
        raise _misfit(folder)


def _tensor_names(path: Path) -> set[str]:
    from safetensors import safe_open

    with safe_open(path, "pt") as tensors:
        return set(tensors.keys())


def _read_config(folder: Path) -> Mapping[str, Any]:
    """The adapter's config, if it is one that this project writes.

    Raises:
        RunError: it is damaged, of another kind, or without safetensors beside it.
    """
    try:
        config = json.loads((folder / PEFT_CONFIG).read_text(encoding="utf-8"))
        kind, start = config["peft_type"], config.get("init_lora_weights", True)
        further = config.get("prompt_tuning_init_state_dict_path")  # may be a pickle
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{folder / PEFT_CONFIG} cannot be read as an adapter's config.") from error
    if kind not in (known := _kinds()) or start not in PEFT_STARTS:
        raise RunError(f"{folder} holds an adapter of kind {kind!r}, but loaded are {', '.join(known)}.")
    if further is not None:
        raise RunError(f"{folder} holds a prompt that is made of a further file, {further!r}, which is never read.")
    if not (folder / PEFT_WEIGHTS).is_file():
        raise RunError(f"{folder} has no {PEFT_WEIGHTS}; adapters are loaded from safetensors only.")
    return dict(config)


def _kinds() -> list[str]:
    """The kinds of PEFT that this project writes; PEFT knows ours after this. Others may read further files."""
    from peft import PEFT_TYPE_TO_CONFIG_MAPPING

    from workbench.methods import METHODS
    from workbench.methods.tuners import butterfly, gated, one_task
    from workbench.methods.tuners.bottleneck import register

    register()
    butterfly.install()
    gated.install()
    one_task.install()
    ours = {method.peft_config for method in METHODS.values() if method.peft_config}
    return [str(kind.value) for kind, config in PEFT_TYPE_TO_CONFIG_MAPPING.items() if config.__name__ in ours]


def _load_weights(folder: Path, base_model: "PreTrainedModel", method: Method | None) -> "nn.Module":
    """Put each weight in place of the base's; a name that only a tied weight's second place has unties it.

    A mixture of prompts stands before the base instead.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from torch import nn

    from workbench.methods.tuners import prompt_mixture

    try:
        tensors = load_file(folder / WEIGHTS, device=str(base_model.device))
    except SafetensorError as error:
        raise _damaged(folder / WEIGHTS) from error
    if prompt_mixture.WEIGHTS in tensors:
        if (model := prompt_mixture.loaded(base_model, tensors)) is None:
            raise _misfit(folder)
        return model
    tensors = _rebuilt(folder, method, base_model, tensors)
    places = dict(base_model.named_parameters(remove_duplicate=False))
    first = {name for name, _ in base_model.named_parameters()}
    for name, tensor in tensors.items():
        expected = places[name].shape if name in places else _missing_bias(base_model, name)
        if expected != tensor.shape:
            raise _misfit(folder)
        same = [other for other, held in places.items() if held is places[name]] if name in first else [name]
        parameter = nn.Parameter(tensor, requires_grad=False)
        for other in same:
            module, _, slot = other.rpartition(".")
            setattr(base_model.get_submodule(module), slot, parameter)
    return base_model


def _rebuilt(
    folder: Path, method: Method | None, base_model: "PreTrainedModel", held: "dict[str, torch.Tensor]"
) -> "dict[str, torch.Tensor]":
    """The weights that a method makes of what it kept."""
    if method is None:
        return held
    try:
        return method.rebuild(dict(base_model.named_parameters()), held)
    except (RuntimeError, ValueError, KeyError) as error:
        raise _misfit(folder) from error


def _missing_bias(model: "nn.Module", name: str) -> "torch.Size | None":
    """The shape of a bias that may be added: of a linear layer that has none."""
    from torch import Size, nn

    module = dict(model.named_modules()).get(name.removesuffix(".bias"))
    return Size([module.out_features]) if isinstance(module, nn.Linear) and module.bias is None else None


def _misfit(folder: Path) -> RunError:
    return RunError(
        f"What {folder} holds does not fit this base model.", "Load it with the model that it was tuned from."
    )


def _damaged(path: Path) -> RunError:
    return RunError(f"{path} is damaged.", "Run again, or restore it from a copy.")
