from __future__ import annotations

import hashlib
import io
import time
from typing import cast

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from support.clock import NOW
from support.gateway import Kit, World
from support.liar import Liar
from support.outbox import SmallOutbox
from support.scripted_link import ScriptedLink, took_all
from support.thin_line import ThinLine

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import StoreError
from fieldkit.ports.delivery import QueuedRecord
from sync.kit.parts import Tally
from sync.kit.transport import DataCenterLink
from sync.kit.upload import Upload
from sync.protocol import tus
from sync.protocol.messages import Announcement
from sync.protocol.outcomes import RecordError, RecordRefusedError, RecordRetryError, RunStoppedError


def test_it_sends_from_the_servers_offset_in_bounded_chunks(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=200_000)
    outbox.add(record_id, manifest, sealed, sha256)
    link, tally = kit.link(world.url), Tally(kit.clock.now())
    link.announce(Announcement(manifests=(manifest,)))
    link.open_upload(record_id, len(sealed)).answer()
    link.send_piece(record_id, 0, sealed[:50_000]).answer()
    (record,) = outbox.pending(kit.clock.now())
    offsets: list[int] = []

    Upload(outbox, link, tally, 40_000).send(record, offsets.append)

    assert offsets == [50_000, 90_000, 130_000, 170_000]
    assert (tally.resumed_uploads, tally.resumed_bytes, tally.sent_bytes) == (1, 50_000, 150_000)
    assert outbox.row(record_id)["sent"] == 200_000
    assert link.receipt(record_id)
    link.close()


def test_the_offset_is_asked_again_when_it_differs(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    """A chunk whose answer was lost is not sent twice."""
    record_id, manifest, sealed, sha256 = kit.record(size=100_000)
    outbox.add(record_id, manifest, sealed, sha256)
    world.stop()
    world.start(Liar("PATCH", "/tus", 409, b'{"code": "upload.offset"}', times=1, passes_first=True))
    link, tally = kit.link(world.url), Tally(kit.clock.now())
    link.announce(Announcement(manifests=(manifest,)))
    (record,) = outbox.pending(kit.clock.now())

    Upload(outbox, link, tally, 60_000).send(record, lambda _: None)

    assert tally.sent_bytes == 40_000
    link.close()


def test_a_server_that_never_agrees_is_left(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=300_000)
    outbox.add(record_id, manifest, sealed, sha256)
    world.stop()
    liar = Liar("PATCH", "/tus", 409, b"")
    world.start(liar)
    report = kit.run(outbox, world.url)
    assert report.postponed == (record_id,)
    assert liar.lies == 4


def test_a_harmed_file_is_never_opened_at_the_server(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox)
    (outbox.folder / record_id).write_bytes(b"short")
    (record,) = outbox.pending(kit.clock.now())
    link = kit.link(world.url)
    with pytest.raises(RecordRefusedError, match="sealed_file_damaged"):
        Upload(outbox, link, Tally(kit.clock.now()), 1000).send(record, lambda _: None)
    link.close()


def test_a_file_that_cannot_be_read_now_waits(
    world: World, kit: Kit, outbox: SmallOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = kit.queue(outbox, size=5000), kit.queue(outbox, size=5000)
    true = outbox.sealed_bytes

    class BadSector(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(outbox, "sealed_bytes", lambda name: BadSector() if name == bad else true(name))
    report = kit.run(outbox, world.url)
    assert (report.postponed, report.acknowledged) == ((bad,), (good,))
    assert outbox.row(bad)["reason"] == "sync.sealed_file_unreadable"


def test_a_checkpoint_may_end_it(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    outbox.add(record_id, manifest, sealed, sha256)
    link = kit.link(world.url)
    link.announce(Announcement(manifests=(manifest,)))
    (record,) = outbox.pending(kit.clock.now())

    def stop(_offset: int) -> None:
        raise RunStoppedError("sync.stalled")

    with pytest.raises(RunStoppedError):
        Upload(outbox, link, Tally(kit.clock.now()), 1000).send(record, stop)
    link.close()


def test_a_file_that_shrinks_meanwhile_ends_in_quarantine(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=100_000)
    outbox.add(record_id, manifest, sealed, sha256)
    link = kit.link(world.url)
    link.announce(Announcement(manifests=(manifest,)))
    (record,) = outbox.pending(kit.clock.now())

    def shrink(offset: int) -> None:
        if offset:
            (outbox.folder / record_id).write_bytes(sealed[:20_000])

    with pytest.raises(RecordRefusedError, match="sealed_file_damaged"):
        Upload(outbox, link, Tally(kit.clock.now()), 30_000).send(record, shrink)
    link.close()


class Heard:
    """Notes what was asked below `/tus`, and may harm the bodies of some."""

    def __init__(self, harmed: int = 0) -> None:
        self.asked, self._harmed = list[str](), harmed

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def between(scope: Scope, receive: Receive, send: Send) -> None:
            is_mine = scope["type"] == "http" and scope["path"].startswith(("/tus", "/receipts"))
            has_body = False

            async def heard() -> Message:
                nonlocal has_body
                message = await receive()
                body = message.get("body", b"")
                if body and self._harmed and scope["method"] == "POST" and not has_body:
                    self._harmed -= 1
                    message = {**message, "body": bytes([body[0] ^ 1]) + body[1:]}
                has_body = has_body or bool(body)
                return message

            await app(scope, heard if is_mine else receive, send)
            if is_mine:
                self.asked.append(scope["method"] + ("+" if has_body else ""))

        return between


def sent_by(heard: Heard, world: World, kit: Kit, outbox: SmallOutbox, count: int) -> list[str]:
    for _ in range(count):
        kit.queue(outbox, size=5000)
    world.stop()
    world.start(heard)
    report = kit.run(outbox, world.url)
    assert report.counts_agree
    assert report.waiting == 0
    return heard.asked


def test_a_record_that_fits_into_a_chunk_goes_in_one_request(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    assert sent_by(Heard(), world, kit, outbox, 3) == ["POST+", "POST+", "POST+"]


def test_a_record_that_was_harmed_on_its_way_is_sent_again(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    assert sent_by(Heard(harmed=1), world, kit, outbox, 2) == ["POST+", "POST", "PATCH+", "POST+"]


def test_what_another_try_left_is_gone_on_with(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    """The server has some bytes of which this kit lost the note."""
    kit.queue(outbox, size=5000)
    record_id, manifest, sealed, sha256 = kit.record(size=5000)
    link = kit.link(world.url)
    link.announce(Announcement(manifests=(manifest,)))
    link.open_upload(record_id, len(sealed)).answer()
    link.send_piece(record_id, 0, sealed[:2000]).answer()
    link.close()
    outbox.add(record_id, manifest, sealed, sha256)
    assert sent_by(Heard(), world, kit, outbox, 0) == ["POST+", "POST", "PATCH+"]


def test_an_older_data_center_is_asked_as_ever(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    for _ in range(2):
        kit.queue(outbox, size=5000)
    link, tally = kit.link(world.url), Tally(kit.clock.now())
    upload = Upload(outbox, link, tally, 10_000)
    for record in outbox.pending(kit.clock.now()):
        link.announce(Announcement(manifests=(record.manifest_jws,)))
        upload.send(record, lambda _: None)
        assert link.receipt(record.record_id)
    link.close()


def test_a_line_that_breaks_is_dialled_again_while_it_brings_something(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    """What came before a break is kept, and the run goes on: there are fewer runs than breaks."""
    record_id, runs = kit.queue(outbox, size=300_000), 0
    with ThinLine(world.port, 5e5, 0.005, cut_every=80_000) as line:
        while outbox.state(record_id) is not DeliveryState.ACKNOWLEDGED:
            kit.run(outbox, f"https://127.0.0.1:{line.port}")
            runs += 1
            assert runs < 60
        assert line.cuts >= 3
        assert runs <= line.cuts


def test_a_line_that_brings_nothing_more_ends_the_run(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=400_000)
    with ThinLine(world.port, 1e8, 0.001, cut_every=4000) as line:
        assert kit.run(outbox, f"https://127.0.0.1:{line.port}").stopped_by is not None
    assert outbox.state(record_id) is DeliveryState.QUEUED


class Sealed:
    """A sealed file, and how far it is said to have come."""

    def __init__(self, *contents: bytes | Exception) -> None:
        self.contents, self.progress = list(contents), list[int]()

    def sealed_bytes(self, _record_id: str) -> io.BytesIO:
        content = self.contents.pop(0)
        if isinstance(content, Exception):
            raise content
        return io.BytesIO(content)

    def mark_progress(self, _record_id: str, offset: int) -> None:
        self.progress.append(offset)


CONTENT = bytes(1000)
RECORD = QueuedRecord("r1", "manifest", 1000, hashlib.sha256(CONTENT).hexdigest(), DeliveryState.SENDING)
CUT = RunStoppedError("sync.connection_lost")


def upload(
    link: ScriptedLink, sealed: Sealed, most: int = 400, extensions: str = "", ahead: int = 1
) -> tuple[Upload, Tally]:
    tally = Tally(NOW)
    return Upload(sealed, cast("DataCenterLink", link), tally, most, extensions, ahead), tally


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    return naps


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"open_upload": [0], "send_piece": [401]}, "sync.nonsense"),
        ({"open_upload": [0], "send_piece": [399]}, "sync.nonsense"),
        ({"open_upload": [1001]}, "sync.nonsense"),
        ({"open_upload": [0], "send_piece": [RunStoppedError("sync.stalled")]}, "sync.stalled"),
        ({"open_upload": [0], "send_piece": [CUT], "offset": [RunStoppedError("x.y")]}, "sync.connection_lost"),
    ],
)
def test_what_a_server_says_of_a_chunk_must_make_sense(answers: dict[str, list[object]], code: str) -> None:
    sending, tally = upload(ScriptedLink(**answers), Sealed(CONTENT))
    with pytest.raises(RunStoppedError) as caught:
        sending.send(RECORD, lambda _: None)
    assert (caught.value.code, tally.sent_bytes, tally.resumed_bytes) == (code, 0, 0)


def test_a_break_is_gone_on_from_only_while_the_server_has_more(naps: list[float]) -> None:
    link = ScriptedLink(open_upload=[0], send_piece=[CUT], offset=[0, 0, 1, 300, 300])
    sealed = Sealed(CONTENT)
    sending, tally = upload(link, sealed)
    with pytest.raises(RunStoppedError, match="connection_lost"):
        sending.send(RECORD, lambda _: None)
    assert [asked[:3] for asked in link.asked if asked[0] == "send_piece"] == [
        ("send_piece", "r1", offset) for offset in (0, 0, 1, 300)
    ]
    assert (sealed.progress, tally.sent_bytes, tally.resumed_uploads) == ([0, 1, 300], 300, 2)
    assert len(naps) == 1 + 3, "one look was too early, and three found nothing"


def test_what_was_there_before_is_counted_as_resumed() -> None:
    for there, extensions in ((1, ""), (600, ""), (1000, ""), (1, tus.EXTENSIONS), (1000, tus.EXTENSIONS)):
        link = ScriptedLink(open_upload=[there], send_piece=[took_all])
        sending, tally = upload(link, Sealed(CONTENT), extensions=extensions)
        sending.send(RECORD, lambda _: None)
        assert (tally.resumed_uploads, tally.resumed_bytes, tally.sent_bytes) == (1, there, 1000 - there)


def test_a_whole_record_that_arrived_damaged_goes_again_in_an_upload() -> None:
    link = ScriptedLink(open_upload=[RecordRetryError("sync.chunk_damaged"), 0], send_piece=[took_all])
    sending, tally = upload(link, Sealed(CONTENT), 1000, tus.EXTENSIONS)
    sending.send(RECORD, lambda _: None)
    assert [asked[:5] for asked in link.asked] == [
        ("open_upload", "r1", 1000, CONTENT, RECORD.sha256),
        ("open_upload", "r1", 1000),
        ("send_piece", "r1", 0, CONTENT, link.asked[2][4]),
    ]
    assert (tally.sent_bytes, tally.resumed_uploads) == (1000, 0)


@pytest.mark.parametrize(
    ("error", "wanted", "code"),
    [
        (StoreError("store.not_found"), RecordRefusedError, "sync.sealed_file_missing"),
        (OSError(5, "x"), RecordRetryError, "sync.sealed_file_unreadable"),
    ],
)
def test_a_file_that_does_not_open_is_the_records_trouble(
    error: Exception, wanted: type[RecordError], code: str
) -> None:
    sending, _ = upload(ScriptedLink(), Sealed(error))
    with pytest.raises(wanted) as caught:
        sending.send(RECORD, lambda _: None)
    assert caught.value.code == code


def test_the_first_chunk_that_goes_along_is_counted_asked_about_and_may_fail() -> None:
    answers = [400, 400, RecordRetryError("sync.server_error"), RecordRetryError("sync.chunk_damaged"), 0]
    chunks = ScriptedLink(open_upload=answers, send_piece=[took_all])
    sealed, seen = Sealed(*[CONTENT] * 4), list[int]()
    sending, tally = upload(chunks, sealed, 400, "creation,creation-with-upload")
    for _ in range(2):
        sending.send(RECORD, seen.append)
    assert chunks.asked[3][:5] == ("open_upload", "r1", 1000, CONTENT[:400], "")
    assert (seen, sealed.progress) == ([0, 400, 800] * 2, [400, 800, 1000] * 2)
    assert (tally.sent_bytes, tally.resumed_uploads) == (2000, 0)
    with pytest.raises(RecordRetryError, match="server_error"):
        sending.send(RECORD, seen.append)
    sending.send(RECORD, seen.append)
    assert (len(chunks._answers["open_upload"]), tally.sent_bytes) == (1, 3000)


def ways(link: ScriptedLink) -> list[tuple[object, object]]:
    return [(name, at if name == "send_piece" else len(rest)) for name, _, at, *rest in link.asked if name != "answer"]


def test_chunks_go_out_before_the_answers_about_those_before_them() -> None:
    link = ScriptedLink(is_slow=True, open_upload=[400], send_piece=[took_all])
    sealed = Sealed(CONTENT)
    sending, tally = upload(link, sealed, extensions=tus.EXTENSIONS, ahead=2)
    sending.send(RECORD, lambda _: None)
    assert [asked[0] for asked in link.asked] == [
        *("open_upload", "send_piece", "answer", "send_piece", "answer", "answer"),
    ]
    assert (sealed.progress, tally.sent_bytes) == ([400, 800, 1000], 1000)


@pytest.mark.parametrize(
    ("trouble", "counted"), [(CUT, (1000, 1)), (RecordRetryError("sync.offset_differs"), (850, 0))]
)
def test_what_went_out_behind_a_chunk_that_failed_is_sent_again(trouble: Exception, counted: tuple[int, int]) -> None:
    link = ScriptedLink(is_slow=True, open_upload=[400, 550], send_piece=[trouble, took_all])
    sending, tally = upload(link, Sealed(CONTENT), extensions=tus.EXTENSIONS, ahead=8)
    sending.send(RECORD, lambda _: None)
    assert ways(link) == [
        *(("open_upload", 3), ("send_piece", 400), ("send_piece", 800)),
        *(("open_upload", 0), ("send_piece", 550), ("send_piece", 950)),
    ]
    assert (tally.sent_bytes, tally.resumed_uploads) == counted


def test_an_opening_that_was_cut_is_looked_for_and_gone_on_from(naps: list[float]) -> None:
    link = ScriptedLink(open_upload=[CUT, 150, 400], send_piece=[took_all])
    sending, tally = upload(link, Sealed(CONTENT, CONTENT), 1000, tus.EXTENSIONS)
    sending.send(RECORD, lambda _: None)
    assert [asked[2:5] for asked in link.asked] == [
        (1000, CONTENT, RECORD.sha256),
        (1000,),
        (150, CONTENT[150:], link.asked[2][4]),
    ]
    assert (tally.sent_bytes, tally.resumed_uploads, naps) == (1000, 1, [])
    sending.send(RECORD, lambda _: None)
    assert link.asked[3][4] == "", "from then on bytes count as far as they come"
