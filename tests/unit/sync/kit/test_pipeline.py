from __future__ import annotations

import socket
from collections.abc import Iterator

import h11
import pytest

from sync.kit import pipeline as pipelines
from sync.kit.pipeline import Exchange, LineEndedError, Pipeline

MOST = 1000
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
LARGE = bytes(64 * 1024 * 1024)  # more than any buffer takes


@pytest.fixture
def ends() -> Iterator[tuple[Pipeline, socket.socket]]:
    """A pipeline and the other end of its line."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname())
        far, _ = listening.accept()
    with far:
        far.settimeout(60)
        pipeline = Pipeline(near, stall_s=60)
        yield pipeline, far
        pipeline.close()


def question(content: bytes = b"", method: str = "POST") -> Exchange:
    headers = [("Host", "a"), ("Content-Length", str(len(content)))]
    return Exchange(h11.Request(method=method, target="/", headers=headers), content, MOST)


def heard(far: socket.socket, size: int) -> bytes:
    came = bytearray()
    while len(came) < size:
        came += far.recv(1024 * 1024)
    return bytes(came)


def test_questions_go_out_before_answers_come_and_are_answered_in_their_order(
    ends: tuple[Pipeline, socket.socket],
) -> None:
    pipeline, far = ends
    asked = [question(content) for content in (b"one", b"two", b"three")]
    for each in asked:
        pipeline.begin(each)
    said = heard(far, 3 * len(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n") + 11)
    assert [each.handed for each in asked] == [3, 3, 5]
    assert said.endswith(b"\r\n\r\nthree")
    assert said.count(b"POST / HTTP/1.1") == 3
    pipeline.look()
    assert not any(each.is_over for each in asked)
    far.sendall(FINE + b"a1" + FINE + b"a")
    pipeline.wait(asked[0])
    far.sendall(b"2HTTP/1.1 100 Continue\r\n\r\n" + FINE + b"a3")
    pipeline.wait(asked[2])
    assert [(each.status, bytes(each.body), each.error) for each in asked] == [
        (200, body, None) for body in (b"a1", b"a2", b"a3")
    ]
    assert not pipeline.is_over


def test_an_answer_without_a_body_ends_with_its_head(ends: tuple[Pipeline, socket.socket]) -> None:
    pipeline, far = ends
    asked = question(method="HEAD")
    pipeline.begin(asked)
    far.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\nUpload-Offset: 5\r\n\r\n")
    pipeline.wait(asked)
    assert (asked.body, dict(asked.headers)[b"upload-offset"]) == (b"", b"5")


@pytest.mark.parametrize("closes", [True, False])
def test_a_refusal_may_come_before_the_question_is_out(ends: tuple[Pipeline, socket.socket], closes: bool) -> None:
    pipeline, far = ends
    more = b"Connection: close\r\n" if closes else b""
    far.sendall(b"HTTP/1.1 507 Full\r\nContent-Length: 0\r\n" + more + b"\r\n")
    asked = question(LARGE)
    pipeline.begin(asked)
    assert (asked.status, asked.error, pipeline.is_over) == (507, None, closes)
    assert asked.handed < len(LARGE)


def test_a_line_that_ends_leaves_what_is_unanswered_without_an_answer(ends: tuple[Pipeline, socket.socket]) -> None:
    pipeline, far = ends
    asked = [question(), question(), question()]
    for each in asked[:2]:
        pipeline.begin(each)
    heard(far, 2 * len(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"))
    far.sendall(FINE + b"a1" + FINE)
    far.close()
    pipeline.wait(asked[1])
    assert [each.error is None for each in asked[:2]] == [True, False]
    pipeline.begin(asked[2])
    assert isinstance(asked[2].error, LineEndedError)
    pipeline.look()


def test_who_hears_nothing_more_may_have_said_why(ends: tuple[Pipeline, socket.socket]) -> None:
    """The other end says something, then goes away with bytes unread: writing fails, reading may not."""
    pipeline, far = ends
    asked = question(LARGE)
    far.sendall(FINE + b"no")
    far.shutdown(socket.SHUT_RDWR)
    far.close()
    pipeline.begin(asked)
    pipeline.wait(asked)
    assert asked.is_over
    assert pipeline.is_over or asked.error is None


def test_an_answer_may_be_said_to_be_the_last(ends: tuple[Pipeline, socket.socket]) -> None:
    pipeline, far = ends
    asked = [question(), question()]
    for each in asked:
        pipeline.begin(each)
    far.sendall(FINE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"a1" + FINE + b"a2")
    pipeline.wait(asked[1])
    assert (asked[0].error, bytes(asked[0].body)) == (None, b"a1")
    assert isinstance(asked[1].error, LineEndedError)
    assert pipeline.is_over


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"220 mail ready\r\n\r\n", h11.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + bytes(1001), ValueError),
    ],
)
def test_nonsense_ends_the_line(ends: tuple[Pipeline, socket.socket], said: bytes, error: type[Exception]) -> None:
    pipeline, far = ends
    asked = question()
    pipeline.begin(asked)
    far.sendall(said)
    pipeline.wait(asked)
    assert isinstance(asked.error, error)
    assert pipeline.is_over


def test_what_nobody_asked_for_ends_the_line(ends: tuple[Pipeline, socket.socket]) -> None:
    pipeline, far = ends
    asked = question()
    pipeline.begin(asked)
    far.sendall(FINE + b"a1" + b"more")
    pipeline.wait(asked)
    assert (asked.error, pipeline.is_over) == (None, True)


def test_who_watches_is_told_what_the_system_took_and_may_end_it(
    ends: tuple[Pipeline, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines, "_LOOK_S", 0.0)
    pipeline, _ = ends
    told: list[int] = []

    def watch(handed: int) -> None:
        told.append(handed)
        if len(told) == 3:
            raise KeyboardInterrupt

    asked = question(LARGE)
    with pytest.raises(KeyboardInterrupt):
        pipeline.begin(asked, watch)
    assert 0 < told[0] <= told[1] <= told[2] == asked.handed < len(LARGE)


def test_silence_ends_after_the_stall_time(ends: tuple[Pipeline, socket.socket]) -> None:
    pipeline, _ = ends
    pipeline._stall_s = 0.05
    with pytest.raises(TimeoutError):
        pipeline.begin(question(LARGE))
    with pytest.raises(TimeoutError):
        pipeline.wait(question())


@pytest.mark.parametrize("has_it", [True, False])
def test_little_stands_in_the_system_where_it_lets_us_say_so(monkeypatch: pytest.MonkeyPatch, has_it: bool) -> None:
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is None and has_it:
        pytest.skip("this system has no TCP_NOTSENT_LOWAT")
    if not has_it:
        monkeypatch.setattr(pipelines, "_NOT_SENT_LOW_WATER", None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname())
        pipeline = Pipeline(near, stall_s=60)
        if option is not None:
            assert (near.getsockopt(socket.IPPROTO_TCP, option) == 32 * 1024) is has_it
        assert near.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        pipeline.close()
