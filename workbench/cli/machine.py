"""Facts about this machine and its software, told without importing torch."""

import importlib.metadata
import os
import platform
import shutil
from pathlib import Path

import psutil

PACKAGES = ("torch", "transformers", "peft")


def facts(device: str = "", precision: str = "") -> dict[str, str]:
    """What a report says of where its runs trained, by name."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return {
        "Machine": f"{processor()}, {cores()} cores, {psutil.virtual_memory().total / 1024**3:.0f} GiB",
        "Device": " ".join(part for part in (device, precision) if part) or "unknown",
        "Software": f"Python {platform.python_version()}, {versions}",
    }


def version(package: str) -> str:
    """The installed version, or 'missing'."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def processor() -> str:
    """The processor's name as the system tells it."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        names = [line for line in listing.read_text(errors="replace").splitlines() if line.startswith("model name")]
        if names:
            return names[0].partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_bytes(folder: Path) -> int:
    """Free space where the folder lies, or will lie."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
