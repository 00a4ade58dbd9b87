"""The hub's ids, and one sentence for whatever its client raises; models and data are fetched in their own places."""

import re
from typing import Any

SECONDS_TO_ANSWER = 10


def is_hub_id(text: str) -> bool:
    """Whether the text is `owner/name`."""
    return re.fullmatch(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}", text) is not None and ".." not in text


def is_out_of_reach(error: BaseException) -> bool:
    """Whether the hub's client raised this because nobody answered."""
    # The client's transport library comes late and differs between versions, so its errors are known by name.
    return isinstance(error, OSError) or any(kind.__name__ == "TransportError" for kind in type(error).__mro__)


def told(hub_id: str, kind: str, error: Any, hint: str) -> tuple[str, str]:
    """What went wrong with a `model` or `dataset` of the hub, and what to try; `hint` says what works without it."""
    # The client and its transport library come late and differ between versions, so errors are known by name.
    kinds = {cls.__name__ for cls in type(error).__mro__}
    hub = "the model hub" if kind == "model" else "the hub"
    if "GatedRepoError" in kinds:
        gated = f"{hub_id} is gated: its owner wants its terms accepted on huggingface.co."
        return gated, "Then log in with `hf auth login`."
    if "RevisionNotFoundError" in kinds:
        return f"{hub_id} has no such revision on the hub.", "Leave it out for the newest one."
    if "RepositoryNotFoundError" in kinds:
        known = "`workbench models` lists the known ones." if kind == "model" else "Look its name up on huggingface.co."
        return f"{hub.capitalize()} has no public {kind} {hub_id}.", known
    if answer := getattr(error, "response", None):
        return f"{hub_id} cannot be fetched: {hub} answered {answer.status_code}.", hint
    if is_out_of_reach(error):
        return f"{hub_id} is not on this machine, and {hub} cannot be reached.", hint
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"{hub_id} cannot be fetched ({reason[:200].rstrip('.')}).", hint
