"""Write every lesson's twins: `python -m workbench.lessons.build`, with --check only say which are out of step."""

import argparse
import sys
from pathlib import Path

from workbench.lessons.twins import lessons, student, teacher, written
from workbench.settings import PACKAGE

FOLDER = PACKAGE.parent / "notebooks"
TEACHER = "teacher"


def twins(folder: Path) -> dict[Path, str]:
    """What every generated file shall hold, by its path."""
    files: dict[Path, str] = {}
    for source in lessons(folder):
        text = source.read_text(encoding="utf-8")
        files[folder / f"{source.stem}.ipynb"] = written(student(text, source.stem))
        files[folder / TEACHER / f"{source.stem}.ipynb"] = written(teacher(text, source.stem))
    return files


def out_of_step(folder: Path) -> list[Path]:
    """The twins that do not match their sources, those without a source included."""
    wanted = twins(folder)
    there = {*folder.glob("*.ipynb"), *(folder / TEACHER).glob("*.ipynb")}
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    return sorted([*stale, *(there - set(wanted))])


def write(folder: Path) -> list[Path]:
    """Write the twins that are out of step and return their paths; a twin without a source is left alone."""
    wanted = twins(folder)
    changed = [path for path in out_of_step(folder) if path in wanted]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    return changed


def main(arguments: list[str] | None = None) -> int:
    """The command; returns 1 when --check finds a twin out of step."""
    parser = argparse.ArgumentParser(prog="python -m workbench.lessons.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a twin is out of step")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the sources lie")
    options = parser.parse_args(arguments)
    paths = out_of_step(options.folder) if options.check else write(options.folder)
    for path in paths:
        print(path)
    return 1 if options.check and paths else 0


if __name__ == "__main__":
    sys.exit(main())
