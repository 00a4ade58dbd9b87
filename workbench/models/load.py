"""From a name to a base model in memory: screened first, safetensors only, never remote code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from workbench.card import ModelCard
from workbench.errors import ModelError
from workbench.models import hub
from workbench.models.catalog import WORKS_OFFLINE, check_hub_id, find_card, find_entry, find_folder
from workbench.models.screen import card_of, check_memory, read_config, screen_folder

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

Precision = Literal["float32", "bfloat16", "float16"]
BYTES_PER_NUMBER = {"float32": 4, "bfloat16": 2, "float16": 2}
LARGEST_RANDOM = 4_000_000_000  # numbers; more is a mistake on any machine this is for


@dataclass(frozen=True)
class Base:
    """A pretrained model in evaluation mode, none of whose weights moves, with its tokenizer and facts."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    card: ModelCard
    folder: Path


def load_base(model: str, dtype: Precision = "float32") -> Base:
    """Load a bundled, catalog, local or hub model; a folder is screened before any library opens it.

    Raises:
        ModelError: unknown, unsafe, damaged, too large, for counting only, or out of reach.
    """
    if dtype not in BYTES_PER_NUMBER:
        raise ModelError(f"The number format {dtype!r} is unknown; float32, bfloat16 and float16 work.")
    card = find_card(model)
    _refuse_counting_only(model, card)
    folder = _folder_of(model, card, BYTES_PER_NUMBER[dtype])
    config = read_config(folder, card.name)
    card = card_of(config, card.name)  # the catalog's facts are for counting; what lies in the folder is true
    _refuse_counting_only(model, card)
    check_memory(card.name, card.parameters, BYTES_PER_NUMBER[dtype], _available_bytes())
    weights = screen_folder(folder, card.name)
    check_memory(card.name, weights.numbers, BYTES_PER_NUMBER[dtype], _available_bytes())
    tokenizer = load_tokenizer(folder, config, card)
    return Base(_load_model(folder, config, card, dtype), tokenizer, card, folder)


def tokenizer_of(model: str) -> "PreTrainedTokenizerBase":
    """The tokenizer of a model alone; its folder is screened, and fetched where it isn't here.

    Raises:
        ModelError: unknown, unsafe, damaged, for counting only, or out of reach.
    """
    card = find_card(model)
    _refuse_counting_only(model, card)
    folder = _folder_of(model, card, BYTES_PER_NUMBER["float32"])
    config = read_config(folder, card.name)
    card = card_of(config, card.name)
    screen_folder(folder, card.name)
    return load_tokenizer(folder, config, card)


def random_model(source: ModelCard | dict[str, Any], seed: int) -> "PreTrainedModel":
    """The same architecture with random weights of this seed, float32, evaluation mode, nothing trainable.

    Raises:
        ModelError: there is no head to predict tokens with, or the config is refused.
    """
    import torch

    card = source if isinstance(source, ModelCard) else card_of(source, "the model")
    _refuse_bare_encoder(card)
    check_memory(card.name, card.parameters, 4, min(_available_bytes(), 4 * LARGEST_RANDOM))
    config = _configuration(card.config, card.name)
    builder = builder_of(card)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = builder.from_config(
            config, dtype=torch.float32, attn_implementation=_attention(card.config), trust_remote_code=False
        )
        if not card.tied and model.get_output_embeddings().weight is model.get_input_embeddings().weight:
            _give_own_head(model)
    return _at_rest(model, card)


def _give_own_head(model: Any) -> None:
    """T5 v1.1 has a head of its own, but transformers 5 ties every T5 that it builds."""
    from torch import nn

    head = model.get_output_embeddings()
    head.weight = nn.Parameter(head.weight.detach().clone().normal_())


def load_tokenizer(folder: Path, config: dict[str, Any], card: ModelCard) -> "PreTrainedTokenizerBase":
    """The tokenizer of tokenizer.json as it stands, with an end and a padding token where the model has none.

    No class that the folder names is used: the file alone decides how text is cut.

    Raises:
        ModelError: it cannot be read, or has more entries than the model's embedding.
    """
    from transformers import PreTrainedTokenizerFast

    try:
        with _quiet():
            tokenizer: PreTrainedTokenizerBase = PreTrainedTokenizerFast.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
    except Exception as error:  # whatever a library raises on a foreign file is one sentence to a person
        raise ModelError(f"{card.name}: its tokenizer cannot be read ({_first_line(error)}).") from error
    if tokenizer.vocab_size > card.vocabulary:
        entries = f"{tokenizer.vocab_size:,} entries, but its embedding {card.vocabulary:,}"
        raise ModelError(f"{card.name}: its tokenizer has {entries}, so they do not belong together.")
    _name_missing_tokens(tokenizer, config)
    if card.kind == "encoder":
        _name_marks(tokenizer, card)
    return tokenizer


def _name_marks(tokenizer: "PreTrainedTokenizerBase", card: ModelCard) -> None:
    """Take an encoder's marks by their usual names where the tokenizer's settings are silent.

    Raises:
        ModelError: it has no such entry.
    """
    usual = {"cls_token": ("[CLS]", "<s>"), "sep_token": ("[SEP]", "</s>"), "mask_token": ("[MASK]", "<mask>")}
    known = tokenizer.get_vocab()
    for mark, names in usual.items():
        if getattr(tokenizer, mark) is None:
            name = next((name for name in names if name in known), None)
            if name is None:
                raise ModelError(f"{card.name}: its tokenizer has no {mark} ({' or '.join(names)}).")
            setattr(tokenizer, mark, name)


def _name_missing_tokens(tokenizer: "PreTrainedTokenizerBase", config: dict[str, Any]) -> None:
    """Take start and end from config.json where the tokenizer's settings are silent (GPT-2's are), and choose padding.

    Padding borrows the end token, or the unknown one: the vocabulary and so the embedding stay as they are.
    """
    for token in ("bos_token", "eos_token"):
        number = config.get(f"{token}_id")
        if token not in tokenizer.init_kwargs and isinstance(number, int) and 0 <= number < len(tokenizer):
            setattr(tokenizer, token, tokenizer.convert_ids_to_tokens(number))
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.convert_ids_to_tokens(0)


def _load_model(folder: Path, config: dict[str, Any], card: ModelCard, dtype: str) -> "PreTrainedModel":
    import torch

    builder = builder_of(card)
    settings = _configuration(config, card.name)
    try:
        with _quiet():
            model, report = builder.from_pretrained(
                folder,
                config=settings,
                dtype=getattr(torch, dtype),
                attn_implementation=_attention(card.config),
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                output_loading_info=True,
            )
    except Exception as error:  # whatever a library raises on a foreign file is one sentence to a person
        raise ModelError(f"{card.name} cannot be loaded ({_first_line(error)}).") from error
    if missing := sorted(report["missing_keys"]):
        names = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
        raise ModelError(f"{card.name}: its files lack {len(missing)} weights ({names}), which would stay random.")
    return _at_rest(model, card)


def builder_of(card: ModelCard) -> Any:
    """The class of transformers that builds a model of this kind with a head over its vocabulary."""
    import transformers

    return {
        "decoder": transformers.AutoModelForCausalLM,
        "encoder": transformers.AutoModelForMaskedLM,
        "encoder_decoder": transformers.AutoModelForSeq2SeqLM,
    }[card.kind]


def _attention(config: dict[str, Any]) -> str:
    """torch's fused attention, but for models that cap their attention scores, which it cannot do (Gemma 2)."""
    capped = config["model_type"] == "gemma2" or config.get("attn_logit_softcapping")
    return "eager" if capped else "sdpa"


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar and no warning of transformers on the terminal; what matters becomes a sentence."""
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging
    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()


def _at_rest(model: Any, card: ModelCard) -> "PreTrainedModel":
    """Evaluation mode, shared weights really shared, nothing that moves."""
    if card.tied:  # what a T5 has apart, tie_weights would tie
        model.tie_weights()
    model.eval()
    model.requires_grad_(False)
    return cast("PreTrainedModel", model)


def _configuration(config: dict[str, Any], name: str) -> "PreTrainedConfig":
    """transformers' config object, made by its own class for this model type, whatever the file asks for."""
    from transformers import CONFIG_MAPPING

    kind = CONFIG_MAPPING[config["model_type"]]
    settings = {key: value for key, value in config.items() if "attn_implementation" not in key}
    try:
        return kind.from_dict(settings)
    except Exception as error:  # whatever a library raises on a foreign file is one sentence to a person
        raise ModelError(f"{name}: config.json is refused by transformers ({_first_line(error)}).") from error


def _folder_of(model: str, card: ModelCard, bytes_per_number: int) -> Path:
    """Where the model's files lie, fetched from the hub when they are nowhere here."""
    entry = find_entry(model)
    if entry and entry.is_bundled:
        return entry.folder
    folder = None if entry else find_folder(model)
    if folder:
        return folder
    hub_id = entry.hub_id if entry else model
    check_hub_id(hub_id)
    check_memory(card.name, card.parameters, bytes_per_number, _available_bytes())
    return hub.cached_folder(hub_id) or hub.fetch(hub_id, WORKS_OFFLINE)


def _refuse_counting_only(model: str, card: ModelCard) -> None:
    entry = find_entry(model)
    if entry and not entry.can_train:
        raise ModelError(f"{entry.name} is here for counting only.", "A local folder with its weights can be loaded.")
    _refuse_bare_encoder(card)


def _refuse_bare_encoder(card: ModelCard) -> None:
    if card.kind == "encoder" and not any(piece.role == "output_head" for piece in card.pieces):
        sentence = f"{card.name} is an encoder without a head for masked tokens, which training needs."
        raise ModelError(sentence, "A model that was saved as ...ForMaskedLM has one.")


def _available_bytes() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200].rstrip(".") if lines else type(error).__name__
