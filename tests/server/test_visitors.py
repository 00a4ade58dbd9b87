"""Who comes in: everybody on a machine of their own, in a class who knows the password."""

import hashlib
import hmac

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from workbench.server.desk import LOCAL
from workbench.server.visitors import COOKIE, MOST_TRIES, Visitors

ADDRESS = "http://localhost"


@pytest.fixture
def door(class_desk, app_of):
    """A browser of a class that has not logged in."""
    with TestClient(app_of(class_desk, "chalk"), ADDRESS) as client:
        yield client


def log_in(client: TestClient, password: str = "chalk"):
    return client.post("/login", data={"password": password}, follow_redirects=False)


def test_nobody_logs_in_on_a_machine_of_their_own(client, home) -> None:
    assert client.get("/api/runs").status_code == 200
    assert Visitors(home).owner({"type": "http", "headers": []}) == LOCAL


def test_a_class_meets_the_login_page_first(door) -> None:
    page = door.get("/", headers={"accept": "text/html"})
    assert page.status_code == 401 and "Class password" in page.text
    assert door.get("/api/runs").status_code == 401
    assert door.get("/page/page.js").status_code == 401
    assert door.post("/api/races", json=[]).status_code == 401
    with pytest.raises(WebSocketDisconnect) as closed, door.websocket_connect("ws://localhost/live"):
        pass
    assert closed.value.code == 4401


def test_the_password_lets_in_and_another_does_not(door) -> None:
    for wrong in ("", "Chalk", "chalk ", "kreide-\N{SNOWMAN}"):
        answer = log_in(door, wrong)
        assert answer.status_code == 401 and "not the password" in answer.text and COOKIE not in answer.cookies
    answer = log_in(door)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=strict" in answer.headers["set-cookie"]
    assert door.get("/api/runs").json() == []
    with door.websocket_connect("ws://localhost/live"):
        pass


def test_guessing_is_slowed_down(home) -> None:
    home.mkdir()
    visitors = Visitors(home, "chalk")
    assert not any(visitors.admit(str(guess), "10.0.0.1") for guess in range(MOST_TRIES))
    assert visitors.admit("chalk", "10.0.0.1") is None
    assert visitors.admit("chalk", "10.0.0.2")
    visitors.tries["10.0.0.1"] = [moment - 3600 for moment in visitors.tries["10.0.0.1"]]
    assert visitors.admit("chalk", "10.0.0.1")


def owner(visitors: Visitors, cookie: str) -> str | None:
    return visitors.owner({"type": "http", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode("latin-1"))]})


def test_a_cookie_outlives_the_server_and_tells_browsers_apart(home) -> None:
    home.mkdir()
    first, second = (Visitors(home, "chalk").admit("chalk", "") for _ in range(2))
    assert first and second
    again = Visitors(home, "another word")
    assert owner(again, first) == first.partition(".")[0]
    assert owner(again, second) != owner(again, first)
    assert (home / "visitors.key").stat().st_mode & 0o077 == 0


def test_a_forged_cookie_lets_nobody_in(home) -> None:
    home.mkdir()
    visitors = Visitors(home, "chalk")
    name, _, signature = (visitors.admit("chalk", "") or "").partition(".")
    forged = ["", ".", name, f"{name}.", f"other.{signature}", f".{signature}", f"{name}.{signature}0", '"a.\xe9"']
    assert [owner(visitors, cookie) for cookie in forged] == [None] * len(forged)


def test_a_key_that_was_cut_short_signs_nothing(home) -> None:
    home.mkdir()
    (home / "visitors.key").touch()
    forged = hmac.new(b"", b"me", hashlib.sha256).hexdigest()
    visitors = Visitors(home, "chalk")
    assert owner(visitors, f"me.{forged}") is None
    assert owner(visitors, visitors.admit("chalk", "") or "")


def bearer(visitors: Visitors, token: str, cookie: str = "") -> str | None:
    headers = [(b"authorization", f"Bearer {token}".encode("latin-1")), (b"cookie", f"{COOKIE}={cookie}".encode())]
    return visitors.owner({"type": "http", "headers": headers})


def test_a_token_opens_what_the_cookie_opens(door, class_desk, submit) -> None:
    log_in(door)
    (row,) = submit(door, "lora")
    answer = door.get("/api/token")
    assert answer.headers["cache-control"] == "no-store"
    with_token = {"authorization": f"Bearer {answer.json()['token']}"}
    door.cookies.clear()
    log_in(door)  # another pupil
    assert door.get("/api/runs").json() == []
    door.cookies.clear()
    assert door.get("/api/runs", headers=with_token).json() == [row]
    with door.websocket_connect("ws://localhost/live", headers=with_token) as socket:
        socket.send_json({"watch": row["race"], "after": 0})
        assert socket.receive_json()["events"]
    assert door.get("/api/runs").status_code == 401


def test_a_token_that_is_wrong_or_of_another_server_opens_nothing(door, home, tmp_path) -> None:
    log_in(door)
    token = door.get("/api/token").json()["token"]
    name, _, signature = token.partition(".")
    (tmp_path / "other").mkdir()
    foreign = Visitors(tmp_path / "other", "chalk").token(name)
    for wrong in ("", ".", name, f"{name}.", f"other.{signature}", f"{token}0", token.upper(), foreign):
        assert bearer(Visitors(home, "chalk"), wrong) is None
        assert door.get("/api/runs", headers={"authorization": f"Bearer {wrong}"}).status_code == 401
        assert door.post("/api/write", json={}, headers={"authorization": f"Bearer {wrong}"}).status_code == 401
    assert bearer(Visitors(home, "chalk"), token) == name
    assert bearer(Visitors(home, "chalk"), foreign, cookie=token) is None  # no cookie makes up for it


def test_nobody_needs_a_token_on_a_machine_of_their_own(client, door) -> None:
    assert client.get("/api/token").json() == {"token": ""}
    assert door.get("/api/token").status_code == 401
