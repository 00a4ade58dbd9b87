"""The models a person can pick by name, with facts that need no download; and how a name becomes a card."""

import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workbench.card import ModelCard
from workbench.errors import ModelError
from workbench.hub import is_hub_id
from workbench.models import hub, shapes
from workbench.models.screen import card_of, read_config
from workbench.settings import assets

WORKS_OFFLINE = "Offline, the bundled models, any local folder and models fetched before work."


@dataclass(frozen=True)
class Entry:
    """One model of the catalog; `config` holds the facts of its config file, empty for a bundled model.

    `bytes_per_weight` is how the published weights are stored. `can_train` is False where only the shape
    is here, for counting.
    """

    name: str
    hub_id: str
    licence: str
    description: str
    config: dict[str, Any]
    bytes_per_weight: int = 2
    can_train: bool = True

    @property
    def is_bundled(self) -> bool:
        """Whether the weights come with the project."""
        return not self.config

    @property
    def folder(self) -> Path:
        """Where the weights of a bundled model lie."""
        return assets() / self.name

    def card(self) -> ModelCard:
        """The model's card.

        Raises:
            ModelError: a bundled model's folder is not there.
        """
        if self.is_bundled:
            if not self.folder.is_dir():
                raise ModelError(
                    f"{self.name} is not in {assets()}.", "`make pretrain` makes it, or fetch the project again."
                )
            return card_of(read_config(self.folder, self.name), self.name)
        return card_of(self.config, self.name)

    @property
    def stored_bytes(self) -> int:
        """Size of the weights: on disk where they are bundled, else parameters times bytes a weight.

        Raises:
            ModelError: a bundled model's folder is not there.
        """
        if self.is_bundled and self.folder.is_dir():
            return sum(file.stat().st_size for file in self.folder.glob("*.safetensors"))
        return self.card().parameters * self.bytes_per_weight


def bundled(name: str, description: str) -> Entry:
    """An entry whose weights and facts lie in assets/."""
    return Entry(name, "", "Apache-2.0", description, {}, 2)


def counted(name: str, hub_id: str, licence: str, description: str, config: dict[str, Any], width: int = 2) -> Entry:
    """An entry that is here for its shape only; `width` is bytes a weight."""
    return Entry(name, hub_id, licence, description, config, width, can_train=False)


_OPT_NOTE = "Its hub page has pickled weights only: convert it to safetensors once and give the folder."
_ENTRIES = (
    bundled("pocket-gpt", "Made here on a small story world; tunes in a minute without a GPU."),
    bundled("pocket-gpt-micro", "The same at about 1M parameters, for lessons on scale."),
    bundled("pocket-gpt-nano", "The same at about 0.3M parameters, for lessons on scale."),
    bundled("pocket-bert", "An encoder of the same world: it fills masks, for tasks with labels."),
    bundled("pocket-t5", "An encoder-decoder of the same world: it reads a text and writes another."),
    Entry("gpt2", "openai-community/gpt2", "MIT", "GPT-2 small, 2019: the classic.", shapes.gpt2(768, 12, 12), 4),
    Entry("distilgpt2", "distilbert/distilgpt2", "Apache-2.0", "GPT-2 small distilled to half its blocks.",
          shapes.gpt2(768, 6, 12), 4),
    Entry("gpt2-medium", "openai-community/gpt2-medium", "MIT", "GPT-2 medium, the LoRA paper's model.",
          shapes.gpt2(1024, 24, 16), 4),
    Entry("gpt2-large", "openai-community/gpt2-large", "MIT", "GPT-2 large.", shapes.gpt2(1280, 36, 20), 4),
    Entry("pythia-14m", "EleutherAI/pythia-14m", "Apache-2.0", "Smallest Pythia, trained on the Pile.",
          shapes.pythia(128, 6, 4)),
    Entry("pythia-31m", "EleutherAI/pythia-31m", "Apache-2.0", "Pythia at 31M.", shapes.pythia(256, 6, 8)),
    Entry("pythia-70m", "EleutherAI/pythia-70m", "Apache-2.0", "Pythia at 70M.", shapes.pythia(512, 6, 8)),
    Entry("pythia-160m", "EleutherAI/pythia-160m", "Apache-2.0", "Pythia at 160M.", shapes.pythia(768, 12, 12)),
    Entry("pythia-410m", "EleutherAI/pythia-410m", "Apache-2.0", "Pythia at 410M.", shapes.pythia(1024, 24, 16)),
    Entry("smollm2-135m", "HuggingFaceTB/SmolLM2-135M", "Apache-2.0", "A strong small model of 2024.",
          shapes.smollm2(576, 30, 9, 3, 1536, 100_000)),
    Entry("smollm2-360m", "HuggingFaceTB/SmolLM2-360M", "Apache-2.0", "SmolLM2 at 360M.",
          shapes.smollm2(960, 32, 15, 5, 2560, 100_000)),
    Entry("smollm2-1.7b", "HuggingFaceTB/SmolLM2-1.7B", "Apache-2.0", "SmolLM2 at 1.7B.",
          shapes.smollm2(2048, 24, 32, 32, 8192, 130_000)),
    Entry("opt-125m", "facebook/opt-125m", "OPT-175B (research)", f"OPT at 125M. {_OPT_NOTE}", shapes.opt(768, 12, 12)),
    Entry("opt-350m", "facebook/opt-350m", "OPT-175B (research)", f"OPT at 350M, norms after. {_OPT_NOTE}",
          shapes.opt(1024, 24, 16, word_embed_proj_dim=512, do_layer_norm_before=False)),
    Entry("opt-1.3b", "facebook/opt-1.3b", "OPT-175B (research)", f"OPT at 1.3B. {_OPT_NOTE}",
          shapes.opt(2048, 24, 32)),
    Entry("qwen2.5-0.5b", "Qwen/Qwen2.5-0.5B", "Apache-2.0", "Qwen 2.5, many languages, 2024.",
          shapes.qwen("qwen2", 896, 24, 14, 2, 4864)),
    Entry("qwen2.5-1.5b", "Qwen/Qwen2.5-1.5B", "Apache-2.0", "Qwen 2.5 at 1.5B.",
          {**shapes.qwen("qwen2", 1536, 28, 12, 2, 8960), "max_position_embeddings": 131072}),
    Entry("qwen3-0.6b", "Qwen/Qwen3-0.6B-Base", "Apache-2.0", "Qwen 3, queries and keys normalised, 2025.",
          {**shapes.qwen("qwen3", 1024, 28, 16, 8, 3072), "head_dim": 128}),
    Entry("tinyllama-1.1b", "TinyLlama/TinyLlama-1.1B-intermediate-step-1431k-3T", "Apache-2.0",
          "Llama 2's shape at 1.1B, trained on 3T tokens.", shapes.TINYLLAMA, 4),
    Entry("gemma-3-270m", "google/gemma-3-270m", "Gemma terms", "Small Gemma 3; the hub asks you to accept its terms.",
          shapes.GEMMA3_270M),
    counted("gpt2-xl", "openai-community/gpt2-xl", "MIT", "GPT-2 at 1.5B.", shapes.gpt2(1600, 48, 25), 4),
    counted("llama-7b", "huggyllama/llama-7b", "LLaMA (research)", "The first Llama.",
            shapes.llama(4096, 32, 32, 11008)),
    counted("llama-13b", "huggyllama/llama-13b", "LLaMA (research)", "The first Llama at 13B.",
            shapes.llama(5120, 40, 40, 13824)),
    counted("llama-3.2-1b", "meta-llama/Llama-3.2-1B", "Llama 3.2", "Llama 3.2 at 1B.",
            shapes.llama32(2048, 16, 32, 64)),
    counted("llama-3.2-3b", "meta-llama/Llama-3.2-3B", "Llama 3.2", "Llama 3.2 at 3B.",
            shapes.llama32(3072, 28, 24, 128)),
    counted("gpt3-175b", "", "not published", "GPT-3, the largest model of the LoRA paper.",
            shapes.gpt2(12288, 96, 96, 2048)),
    counted("bert-base", "google-bert/bert-base-uncased", "Apache-2.0", "The encoder adapters were first tried on.",
            shapes.encoder("bert", 768, 12, 12), 4),
    counted("bert-large", "google-bert/bert-large-uncased", "Apache-2.0", "BERT large.",
            shapes.encoder("bert", 1024, 24, 16), 4),
    counted("roberta-base", "FacebookAI/roberta-base", "MIT", "RoBERTa base.",
            shapes.encoder("roberta", 768, 12, 12), 4),
    counted("roberta-large", "FacebookAI/roberta-large", "MIT", "RoBERTa large.",
            shapes.encoder("roberta", 1024, 24, 16), 4),
    counted("t5-v1.1-small", "google/t5-v1_1-small", "Apache-2.0", "T5 of the prompt tuning paper.",
            shapes.t5_v11(512, 8, 6, 1024), 4),
    counted("t5-v1.1-base", "google/t5-v1_1-base", "Apache-2.0", "T5 base.", shapes.t5_v11(768, 12, 12, 2048), 4),
    counted("t5-v1.1-large", "google/t5-v1_1-large", "Apache-2.0", "T5 large.", shapes.t5_v11(1024, 24, 16, 2816), 4),
    counted("t5-v1.1-xl", "google/t5-v1_1-xl", "Apache-2.0", "T5 XL.", shapes.t5_v11(2048, 24, 32, 5120), 4),
    counted("t5-v1.1-xxl", "google/t5-v1_1-xxl", "Apache-2.0", "T5 XXL.", shapes.t5_v11(4096, 24, 64, 10240), 4),
)  # fmt: skip
CATALOG: dict[str, Entry] = {entry.name: entry for entry in _ENTRIES}


def bundled_names() -> list[str]:
    """The models that come with the project and are there, the main one first."""
    return [entry.name for entry in _ENTRIES if entry.is_bundled and entry.folder.is_dir()]


def find_entry(model: str) -> Entry | None:
    """The catalog's entry of this name or hub id, in any case; None when it has none."""
    wanted = model.strip().lower()
    return next((entry for entry in _ENTRIES if wanted and wanted in (entry.name, entry.hub_id.lower())), None)


def find_folder(model: str) -> Path | None:
    """The local folder a person means; None when the text is the name of a hub model.

    Raises:
        ModelError: the text is a path, and no folder is there.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_file():
        raise ModelError(f"{model} is a file, but a model is a folder with config.json and model.safetensors in it.")
    if model.startswith((".", "/", "~", "\\")) or model.count("/") > 1 or "\\" in model:
        raise ModelError(
            f"There is no folder {model}.", "Give a folder that holds config.json, or a name from `workbench models`."
        )
    return None


@cache
def _card_of_entry(name: str) -> ModelCard:
    return CATALOG[name].card()


def find_card(model: str) -> ModelCard:
    """The card of a bundled model, a catalog name, a hub id or a local folder; no weights are read.

    A hub id outside the catalog is looked up in the local cache, then on the hub.

    Raises:
        ModelError: nothing is known by this name, its family is not served, or the hub is out of reach.
    """
    if entry := find_entry(model):
        return entry.card() if entry.is_bundled else _card_of_entry(entry.name)
    if not model.strip() or "\0" in model:
        raise ModelError(f"{model!r} is not the name of a model.", "`workbench models` lists them.")
    if folder := find_folder(model):
        name = folder.resolve().name
        return card_of(read_config(folder, name), name)
    check_hub_id(model)
    return card_of(read_config(hub.config_folder(model, WORKS_OFFLINE), model), model)


def check_hub_id(model: str) -> None:
    """Make sure that the text can be a hub id, owner/name.

    Raises:
        ModelError: it cannot; the nearest name of the catalog is offered.
    """
    if is_hub_id(model):
        return
    near = difflib.get_close_matches(model.strip().lower(), CATALOG, n=1, cutoff=0.5)
    hint = (
        f"Did you mean {near[0]}?"
        if near
        else "`workbench models` lists the known ones; owner/name is read as a hub id."
    )
    raise ModelError(f"There is no model {model!r}.", hint)
