"""The live socket: every event once and in order, whatever was missed, and nothing of what is not one's own."""

import asyncio
import json

import pytest
from starlette.websockets import WebSocketDisconnect

from workbench.server import live
from workbench.server.live import Hub, Viewer
from workbench.store.index import Entry, Index

LIVE = "ws://localhost:7860/live"


def watch(socket, race: str, after: int = 0) -> None:
    socket.send_text(json.dumps({"watch": race, "after": after}))


def read_until(socket, is_over) -> list[dict]:
    """The messages up to the first one after which it is over."""
    messages = [socket.receive_json()]
    while not is_over(messages):
        messages.append(socket.receive_json())
    return messages


def events_of(messages: list[dict]) -> list[tuple[str, int]]:
    return [(event["run"], event["seq"]) for message in messages for event in message["events"]]


def has_ended(messages: list[dict]) -> bool:
    return all(run["state"] not in ("queued", "running") for run in messages[-1]["runs"])


def in_the_index(desk, race: str) -> list[tuple[str, int]]:
    return [(event["run"], event["seq"]) for event in map(json.loads, desk.index.events_after(0, race, 10**6)[1])]


def test_a_page_sees_a_race_from_its_start_to_its_end(client, desk, submit) -> None:
    desk.executor.gate.clear()
    race = submit(client, "none", "lora", to_the_end=False)[0]["race"]
    with client.websocket_connect(LIVE) as socket:
        watch(socket, race)
        first = socket.receive_json()
        assert (first["events"], [run["state"] for run in first["runs"]]) == ([], ["queued", "queued"])
        desk.executor.gate.set()
        messages = [first, *read_until(socket, has_ended)]
    seen = events_of(messages)
    assert seen == in_the_index(desk, race)
    for run in {run for run, _ in seen}:
        assert [seq for other, seq in seen if other == run] == list(range(8))
    assert all(message["after"] <= message["upto"] for message in messages)


def test_a_page_that_comes_back_gets_only_what_it_missed(client, desk, submit) -> None:
    race = submit(client, "none", "lora")[0]["race"]
    with client.websocket_connect(LIVE) as socket:
        watch(socket, race)
        (whole,) = read_until(socket, has_ended)
    middle = desk.index.events_after(0, race, 5)[0]
    with client.websocket_connect(LIVE) as socket:
        watch(socket, race, middle)
        (rest,) = read_until(socket, has_ended)
        watch(socket, race, whole["upto"])
        assert socket.receive_json()["events"] == []
    assert (rest["after"], rest["upto"]) == (middle, whole["upto"])
    assert events_of([rest]) == events_of([whole])[5:]


def test_a_long_race_comes_in_parts(client, desk, submit, monkeypatch) -> None:
    monkeypatch.setattr(live, "PART", 3)
    race = submit(client, "none", "lora")[0]["race"]
    with client.websocket_connect(LIVE) as socket:
        watch(socket, race)
        messages = read_until(socket, lambda messages: len(events_of(messages)) == 16)
    assert len(messages) == 6
    assert events_of(messages) == in_the_index(desk, race)


def test_one_socket_may_watch_one_race_after_another(client, submit) -> None:
    races = [submit(client, method)[0]["race"] for method in ("none", "lora")]
    with client.websocket_connect(LIVE) as socket:
        for race in [*races, *races]:
            watch(socket, race)
            message = socket.receive_json()
            assert message["race"] == race and len(message["events"]) == 8


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "3", "{}", '{"watch": 3}', '{"watch": "20260101-000000-race-0000"}', "x" * 2000,
        '{"watch": "RACE", "after": "1"}', '{"watch": "RACE", "after": -1}', '{"watch": "RACE", "after": 1e400}',
        '{"watch": "RACE", "after": 99999999999999999999}',
    ],
)  # fmt: skip
def test_what_is_no_wish_closes_the_socket(client, submit, text: str) -> None:
    race = submit(client, "none")[0]["race"]
    with client.websocket_connect(LIVE) as socket:
        socket.send_text(text.replace("RACE", race))
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def test_bytes_close_the_socket(client) -> None:
    with client.websocket_connect(LIVE) as socket:
        socket.send_bytes(b"\x00")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


class SlowSocket:
    """A page that takes nothing until its gate opens."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.texts: list[str] = []

    async def send_text(self, text: str) -> None:
        await self.gate.wait()
        self.texts.append(text)


def grow(index: Index, numbers: range) -> None:
    entry = Entry("run", "race", 0, "", state="running", steps=10)
    index.add([(entry, [(0, False, json.dumps({"run": "run", "seq": number})) for number in numbers])])


def test_a_page_that_fell_behind_catches_up_without_a_gap_or_a_repetition(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(live, "TICK", 0)
    index = Index(tmp_path / "index.sqlite")
    grow(index, range(3))

    async def scene() -> list[str]:
        hub, slow, quick = Hub(index, lambda race: []), SlowSocket(), SlowSocket()
        viewers = [Viewer("race", 0), Viewer("race", 0)]
        hub.viewers.update(viewers)
        pairs = list(zip((slow, quick), viewers, strict=True))
        quick.gate.set()
        work = asyncio.create_task(hub.work())
        senders = [asyncio.create_task(hub._send(socket, viewer)) for socket, viewer in pairs]
        for number in range(3, 100):
            if number == 20:
                slow.gate.set()  # long enough to catch up once ...
            if number == 30:
                slow.gate.clear()  # ... and then to fall behind
            grow(index, range(number, number + 1))
            hub.call()
            for _ in range(5):
                await asyncio.sleep(0)
        assert viewers[0].is_behind
        slow.gate.set()
        while viewers[0].sent < index.newest("race") or viewers[1].sent < index.newest("race"):
            await asyncio.sleep(0)
        for task in (work, *senders):
            task.cancel()
        for socket in (slow, quick):
            assert events_of([json.loads(text) for text in socket.texts]) == [("run", number) for number in range(100)]
        return slow.texts

    assert len(asyncio.run(scene())) < 97
    index.close()
