"""Where things lie on this machine; the only place that reads the environment."""

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def assets() -> Path:
    """The folder of the bundled models."""
    return PACKAGE.parent / "assets"


def home() -> Path:
    """The folder of runs and caches: `WORKBENCH_HOME`, else the user's data folder."""
    if chosen := os.environ.get("WORKBENCH_HOME"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "transfer-workbench"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "transfer-workbench"
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "transfer-workbench"


def is_offline() -> bool:
    """Whether the user forbids going to the model hub."""
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}
