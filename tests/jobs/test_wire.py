"""Messages between processes come whole and in order, or the wire ends."""

import pytest

from workbench.jobs import wire as wires
from workbench.jobs.wire import Wire, pair


@pytest.fixture
def ends():
    ours, theirs = pair()
    yield Wire(ours), theirs
    ours.close()
    theirs.close()


def test_messages_come_as_they_were_sent(ends) -> None:
    wire, other = ends
    messages = [{"text": "snow \N{SNOWMAN}\n\ud800"}, {"n": 1}]
    for message in messages:
        Wire(other).send(message)
    assert wire.receive() == messages


def test_a_part_of_a_message_waits_for_its_rest(ends) -> None:
    wire, other = ends
    received = []
    for byte in b'{"a": 1}\n\n{"b": 2}\n{"c"':
        other.sendall(bytes([byte]))
        received += wire.receive()
    assert received == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("garbage", [b"hello\n", b"\xff\xfe\n", b'{"a": 1}{"b": 2}\n'])
def test_garbage_ends_the_wire(ends, garbage: bytes) -> None:
    wire, other = ends
    other.sendall(garbage)
    with pytest.raises(EOFError, match="no message"):
        wire.receive()


def test_a_line_without_an_end_ends_the_wire(ends, monkeypatch) -> None:
    monkeypatch.setattr(wires, "LONGEST_LINE", 10)
    wire, other = ends
    other.sendall(b"x" * 11)
    assert wire.receive() == []
    other.sendall(b"x")
    with pytest.raises(EOFError):
        wire.receive()


def test_the_end_of_the_other_side_is_told_to_both_directions(ends) -> None:
    wire, other = ends
    Wire(other).send({"last": True})
    other.close()
    assert wire.receive() == [{"last": True}]
    with pytest.raises(EOFError):
        wire.receive()
    with pytest.raises(EOFError):
        wire.send({})


def test_who_hangs_up_still_hears(ends) -> None:
    wire, other = ends
    wire.close_writing()
    with pytest.raises(EOFError):
        Wire(other).receive()
    other.sendall(b'{"a": 1}\n')
    assert wire.receive() == [{"a": 1}]
