"""What the environment says about a lesson: how long it may take, and whether a wrong answer is an error."""

import os


def budget_name() -> str:
    """`WORKBENCH_BUDGET`: test, laptop (without it) or gpu."""
    return os.environ.get("WORKBENCH_BUDGET", "").strip().lower() or "laptop"


def is_strict() -> bool:
    """Whether `WORKBENCH_CHECK` is strict: a wrong answer raises, as CI and graders need it."""
    return os.environ.get("WORKBENCH_CHECK", "").strip().lower() == "strict"
