"""The model hub: what is in the local cache, and fetching the few files that are needed, sizes first."""

import re
import shutil
from pathlib import Path

from workbench.errors import ModelError
from workbench.hub import SECONDS_TO_ANSWER, told
from workbench.settings import is_offline

SMALL_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",  # rendered by transformers alone, in jinja2's sandbox
)
LARGEST_SMALL_FILE = 64_000_000  # bytes; Gemma's tokenizer.json has 33 MB
_SHARD = re.compile(r"model(-\d+-of-\d+)?\.safetensors")


def config_folder(hub_id: str, hint: str) -> Path:
    """A local folder with the model's config.json, fetched when it is not in the cache.

    Raises:
        ModelError: the hub does not have it or is out of reach; `hint` says what works then.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    cached = try_to_load_from_cache(hub_id, "config.json")
    if isinstance(cached, str):
        return Path(cached).parent
    sizes = _sizes(hub_id, hint)
    if "config.json" not in sizes:
        raise ModelError(f"{hub_id} has no config.json on the hub, so it is no model that can be read here.")
    check_sizes(hub_id, {"config.json": sizes["config.json"]}, LARGEST_SMALL_FILE)
    try:
        return Path(hf_hub_download(hub_id, "config.json", etag_timeout=SECONDS_TO_ANSWER)).parent
    except Exception as error:
        raise ModelError(*told(hub_id, "model", error, hint)) from error


def cached_folder(hub_id: str) -> Path | None:
    """The cache's folder of the model, if its weights and tokenizer are there."""
    from huggingface_hub import try_to_load_from_cache

    names = ("config.json", "tokenizer.json")
    found = [try_to_load_from_cache(hub_id, name) for name in names]
    weights = [try_to_load_from_cache(hub_id, f"model.safetensors{end}") for end in ("", ".index.json")]
    if all(isinstance(path, str) for path in found) and any(isinstance(path, str) for path in weights):
        return Path(str(found[0])).parent
    return None


def fetch(hub_id: str, hint: str) -> Path:
    """Fetch config, tokenizer and safetensors, after their sizes were compared with the disk's.

    Raises:
        ModelError: out of reach, not there, without safetensors, or too large for the disk.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE

    sizes = chosen_files(_sizes(hub_id, hint), hub_id)
    check_sizes(hub_id, sizes, _free_bytes(Path(HF_HUB_CACHE)))
    try:
        # No revision is named: only then does the cache remember which snapshot is the main one.
        return Path(snapshot_download(hub_id, allow_patterns=list(sizes), etag_timeout=SECONDS_TO_ANSWER))
    except Exception as error:
        raise ModelError(*told(hub_id, "model", error, hint)) from error


def chosen_files(sizes: dict[str, int], hub_id: str) -> dict[str, int]:
    """The files worth fetching out of a repository's {name: bytes}: one set of safetensors and the small files.

    Raises:
        ModelError: there are no safetensors, or no tokenizer.json.
    """
    whole = {name for name in sizes if name == "model.safetensors"}
    shards = {name for name in sizes if _SHARD.fullmatch(name)} | {"model.safetensors.index.json"}
    weights = whole or (shards if "model.safetensors.index.json" in sizes else set())
    if not weights:
        raise ModelError(f"{hub_id} has no weights as safetensors on the hub, and other formats can carry code.")
    if "tokenizer.json" not in sizes:
        raise ModelError(f"{hub_id} has no tokenizer.json on the hub, which is the only tokenizer file read here.")
    return {name: size for name, size in sizes.items() if name in weights or name in SMALL_FILES}


def check_sizes(hub_id: str, sizes: dict[str, int], free_bytes: int) -> None:
    """Compare what is to be fetched with the disk.

    Raises:
        ModelError: it does not fit.
    """
    total = sum(sizes.values())
    for name in SMALL_FILES:
        if sizes.get(name, 0) > LARGEST_SMALL_FILE:
            raise ModelError(f"{name} of {hub_id} has {sizes[name]:,} bytes, far more than such a file needs.")
    if total > free_bytes:
        raise ModelError(f"{hub_id} has {total:,} bytes, but only {free_bytes:,} are free on the disk.")


def _free_bytes(folder: Path) -> int:
    """Free bytes on the disk that will hold this folder, which need not exist yet."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    return shutil.disk_usage(existing).free


def _sizes(hub_id: str, hint: str) -> dict[str, int]:
    """Bytes of every file of a repository; asked once, so that an unreachable hub is known at once."""
    from huggingface_hub import HfApi

    if is_offline():
        raise ModelError(f"{hub_id} is not on this machine, and HF_HUB_OFFLINE forbids asking the model hub.", hint)
    try:
        info = HfApi().model_info(hub_id, files_metadata=True, timeout=SECONDS_TO_ANSWER)
    except Exception as error:
        raise ModelError(*told(hub_id, "model", error, hint)) from error
    return {file.rfilename: file.size or 0 for file in info.siblings or []}
