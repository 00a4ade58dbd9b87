"""One truth about versions: the lock fits the ranges, and conda users get the lock."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins() -> dict[str, Version]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {normal(name): Version(version) for name, version in pairs}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_pins_a_version_within_every_range() -> None:
    locked = pins()
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        requirement = Requirement(text)
        assert locked[normal(requirement.name)] in requirement.specifier, text


def test_torch_is_pinned_to_the_build_without_cuda_wheels() -> None:
    assert pins()["torch"] == Version("2.13.0")


def test_the_ranges_admit_the_oldest_host_that_is_promised() -> None:
    ranges = {Requirement(text).name: Requirement(text).specifier for text in PROJECT["dependencies"]}
    assert Version("2.11.0") in ranges["torch"]
    assert Version("5.17.0") in ranges["transformers"]


def test_conda_users_get_the_lock() -> None:
    text = (ROOT / "environment.yml").read_text()
    assert "- --requirement requirements.lock" in text
    python = re.search(r"python=(\S+)", text)
    assert python is not None
    assert Version(python[1]) in Requirement(f"python{PROJECT['requires-python']}").specifier
