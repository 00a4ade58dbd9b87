"""Pushing an exported folder to the model hub: only a person at the command line does it, no server can import this."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ModelError, SpecError
from workbench.hub import SECONDS_TO_ANSWER, is_hub_id, is_out_of_reach
from workbench.settings import is_offline

if TYPE_CHECKING:
    from huggingface_hub import HfApi

LOGIN = "Log in with `hf auth login`, with a token that may write."
WHO = "The owner is you or an organisation that lets you write; `hf auth whoami` tells who you are."


@dataclass(frozen=True)
class Place:
    """Where a folder goes on the hub, and who can see it there."""

    repo: str  # owner/name
    is_private: bool
    last_commit: str = ""  # of a repository that is there already


@dataclass(frozen=True)
class Pushed:
    """What came of it: the commit, and the page."""

    place: Place
    commit: str
    url: str

    def told(self) -> str:
        """A line for a person."""
        seen = "private" if self.place.is_private else "public"
        if self.commit == self.place.last_commit:
            return f"Nothing to push: {self.url} ({seen}) holds these very files."
        told = f"Pushed: {self.url} ({seen})"
        if not self.place.last_commit:
            return told
        return f"{told}, a new commit in a repository that was there already; its files of other names stay."

    def to_json(self) -> dict[str, object]:
        """For a program."""
        place = {"repo": self.place.repo, "private": self.place.is_private, "was_there": bool(self.place.last_commit)}
        return {**place, "commit": self.commit, "url": self.url}


def find_place(repo: str, is_public: bool) -> Place:
    """Ask the hub for the repository before anything is merged or sent.

    Raises:
        SpecError: `repo` is no name that the hub takes.
        ModelError: nobody is logged in, the hub is out of reach, or the repository is public and `is_public` is not.
    """
    _check_name(repo)
    if is_offline():
        raise _offline(repo)
    from huggingface_hub.errors import RepositoryNotFoundError

    with _sentences(repo):
        try:
            found = _api().model_info(repo, timeout=SECONDS_TO_ANSWER)
        except RepositoryNotFoundError:
            return Place(repo, is_private=not is_public)
    if not found.private and not is_public:
        raise ModelError(f"{repo} is on the hub already, and everyone can see it.", "Push there with --public.")
    return Place(repo, bool(found.private), str(found.sha))


def send(folder: Path, place: Place, message: str) -> Pushed:
    """Make the repository if it is not there, and send the folder's files as one commit.

    Raises:
        ModelError: the hub is out of reach, or refuses.
    """
    api = _api()
    with _sentences(place.repo), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Warnings while validating metadata", UserWarning)  # of the card, on the page
        if not place.last_commit:
            api.create_repo(place.repo, private=place.is_private)
        done = api.upload_folder(repo_id=place.repo, folder_path=folder, commit_message=message)
    return Pushed(place, done.oid, f"{api.endpoint}/{place.repo}")


def _api() -> "HfApi":
    """A client that finds the login by itself, and says so where there is none; the token never passes through here."""
    from huggingface_hub import HfApi

    return HfApi(token=True, library_name="transfer-workbench")


def _check_name(repo: str) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
        is_valid = is_hub_id(repo)
    except HFValidationError:
        is_valid = False
    if not is_valid:
        allowed = "owner/name, of letters, digits and single - _ . between them, at most 96 characters"
        raise SpecError("--push", repo, allowed)


@contextmanager
def _sentences(repo: str) -> Iterator[None]:
    """Turn what the hub's client raises inside this block into one sentence."""
    try:
        yield
    except Exception as error:
        raise _sentence(repo, _first_cause(error)) from error


def _first_cause(error: BaseException) -> Any:
    """What the hub answered, or what the network did: the client wraps it while a large file is sent."""
    cause: BaseException | None = error
    while cause is not None:
        if hasattr(cause, "response") or is_out_of_reach(cause):
            return cause
        cause = cause.__cause__
    return error


def _sentence(repo: str, error: Any) -> ModelError:
    from huggingface_hub.errors import LocalTokenNotFoundError, OfflineModeIsEnabled

    if isinstance(error, LocalTokenNotFoundError):
        return ModelError(f"{repo} cannot be pushed: nobody is logged in to the model hub.", LOGIN)
    if isinstance(error, OfflineModeIsEnabled):
        return _offline(repo)
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == 401 and not _is_hidden(error):
        return ModelError(f"{repo} cannot be pushed: the model hub does not accept this login.", LOGIN)
    if status in (401, 403, 404, 409):
        return ModelError(f"{repo} cannot be pushed: this login has no right to write there.", WHO)
    if status:
        return ModelError(f"{repo} cannot be pushed: the model hub answered {status}.", "Try again later.")
    if is_out_of_reach(error):
        return ModelError(f"{repo} cannot be pushed: the model hub cannot be reached.", "Try again when online.")
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return ModelError(f"{repo} cannot be pushed ({reason}).")


def _is_hidden(error: Exception) -> bool:
    """Whether a 401 is what the hub says of a repository that this login cannot see."""
    from huggingface_hub.errors import RepositoryNotFoundError

    return isinstance(error, RepositoryNotFoundError)


def _offline(repo: str) -> ModelError:
    return ModelError(f"{repo} cannot be pushed: HF_HUB_OFFLINE forbids going to the model hub.", "Unset it first.")
