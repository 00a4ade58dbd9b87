"""Writing: one prompt, answered by the base model and by tuned runs side by side, for the page and for notebooks."""

import asyncio
import json
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from workbench.errors import RunError, SpecError, WorkbenchError
from workbench.jobs.kinds import LONGEST_ANSWER, MOST_VOICES
from workbench.server.desk import Desk

LONGEST_PROMPT = 2000  # characters
AT_ONCE = 2  # notebooks that are answered at the same time: each takes a worker with a model of its own
PATIENCE = 60.0  # seconds that the others wait for their turn
BASE = "pocket-gpt"  # answers where no run was chosen


@dataclass(frozen=True)
class Wish:
    """A prompt, the runs that answer it beside their base, and how they write.

    `temperature` 0 takes the likeliest token, 1 draws as learned; `top_p` draws only from the likeliest tokens that
    reach this share; `scale` stretches what LoRA and adapters add (0 base, 1 tuned); `seed` decides the draws.
    """

    prompt: str
    runs: list[str] = field(default_factory=list)
    temperature: float = 0.0
    top_p: float = 1.0
    scale: float = 1.0
    seed: int = 0
    tokens: int = 80


def written(desk: Desk, wish: Wish, owner: str) -> Iterator[dict[str, Any]]:
    """What a worker says: {"place": n, "text": piece} and {"place": n, "done": true}; place 0 is the base.

    Everything that can be wrong is told by the call, before the first piece.

    Raises:
        SpecError: a value is out of range, or the runs have different base models.
        RunError: a run is not there, somebody else's, or has no weights.
    """
    check(wish)
    folders = [desk.folder(run, owner) for run in wish.runs]
    specs = [folder.spec() for folder in folders]
    models = sorted({spec.model for spec in specs})
    if len(models) > 1:
        raise SpecError("the base models of these runs", ", ".join(models), "one", "Choose runs of one model.")
    for folder, spec in zip(folders, specs, strict=True):
        if not folder.artifact.is_dir() and spec.method.name != "none":
            raise RunError(f"Run {folder.id} has no tuned weights.", "They are there once it is finished.")
    artifacts = [str(folder.artifact) if folder.artifact.is_dir() else None for folder in folders]
    return desk.ask(
        {
            "kind": "write",
            "model": models[0] if models else BASE,
            "artifacts": [None, *artifacts],
            "prompt": wish.prompt,
            "temperature": wish.temperature,
            "top_p": wish.top_p,
            "scale": wish.scale,
            "seed": wish.seed,
            "tokens": wish.tokens,
        }
    )


def check(wish: Wish) -> None:
    """Hold every number of a wish to its limits.

    Raises:
        SpecError: one is out of range.
    """
    if len(wish.runs) > MOST_VOICES or len(set(wish.runs)) < len(wish.runs):
        raise SpecError("the number of runs to play with", len(wish.runs), f"{MOST_VOICES} or less, each once")
    if len(wish.prompt) > LONGEST_PROMPT:
        raise SpecError("the length of the prompt", len(wish.prompt), f"at most {LONGEST_PROMPT} characters")
    limits = {"temperature": (0, 10), "top_p": (0.01, 1), "scale": (0, 2), "tokens": (1, LONGEST_ANSWER)}
    for name, (low, high) in limits.items():
        if not low <= (value := getattr(wish, name)) <= high:
            raise SpecError(name, value, f"a number from {low} to {high}")
    if not 0 <= wish.seed < 1 << 63:
        raise SpecError("seed", wish.seed, "a whole number, 0 or more")


def routes(desk: Desk) -> APIRouter:
    """The route under /api by which a notebook lets runs write."""
    router = APIRouter(prefix="/api")
    turns = asyncio.Semaphore(AT_ONCE)

    @router.post("/write")
    async def write(request: Request, body: Wish) -> StreamingResponse:
        """The pieces as they are written, one JSON text a line; {"error", "hint"} where it could not go on."""
        pieces = await run_in_threadpool(written, desk, body, request.state.owner)
        return StreamingResponse(_lines(pieces, turns), media_type="application/x-ndjson")

    return router


async def _lines(pieces: Iterator[dict[str, Any]], turns: asyncio.Semaphore) -> AsyncIterator[str]:
    """The messages as lines, once it is their turn; a worker starts with the first of them."""
    try:
        async with asyncio.timeout(PATIENCE):
            await turns.acquire()
    except TimeoutError:
        yield _line({"error": "Others are having texts written.", "hint": "Try again in a moment."})
        return
    try:
        async for message in iterate_in_threadpool(pieces):
            yield _line(message)
    except WorkbenchError as error:
        yield _line({"error": error.message, "hint": error.hint})
    finally:
        turns.release()
        if isinstance(pieces, Generator):
            pieces.close()  # ends the worker of somebody who is gone


def _line(message: dict[str, Any]) -> str:
    return json.dumps(message) + "\n"
