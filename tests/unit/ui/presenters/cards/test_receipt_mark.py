from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.recording import ScriptedDevice
from support.recording_window import jpeg
from support.tasks import SameThread

from fieldkit.domain.cards.card import MarkKind
from fieldkit.ports.devices import DeviceKind, NotConnectedError
from ui.presenters.cards.handover import Mark, MarkTaking, Sinks

PAD, CAMERA = "device:signature_pad", "device:camera"


class Sink:
    def offer_signature(self, signature: object) -> None: ...

    def offer(self, frame: bytes) -> None: ...


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    camera, pad = ScriptedDevice(DeviceKind.CAMERA), ScriptedDevice(DeviceKind.SIGNATURE_PAD)
    camera.frame = jpeg()
    kit.devices.there = {DeviceKind.CAMERA: camera, DeviceKind.SIGNATURE_PAD: pad}
    yield kit
    kit.store.close()


def taking(kit: Kit, tasks: SameThread | None = None, screen: ScriptedDevice | None = None) -> MarkTaking:
    told: list[Mark] = []
    return MarkTaking(kit.context, tasks or SameThread(), Sinks(Sink(), Sink(), screen), told.append)


def test_a_signature_becomes_a_png(kit: Kit) -> None:
    marks = taking(kit)
    marks.sign()
    assert marks.mark.kind is MarkKind.SIGNATURE
    assert marks.mark.content.startswith(b"\x89PNG")
    assert marks.mark.ink is not None


def test_a_pad_that_is_away_is_said_and_tried_again(kit: Kit) -> None:
    pad = kit.devices.there.pop(DeviceKind.SIGNATURE_PAD)
    marks = taking(kit)
    marks.sign()
    assert marks.mark.problem is not None
    kit.devices.there[DeviceKind.SIGNATURE_PAD] = pad
    marks.again()
    assert marks.mark.content


def test_the_screen_takes_a_signature_once(kit: Kit) -> None:
    tasks = SameThread(PAD)
    marks = taking(kit, tasks, ScriptedDevice(DeviceKind.SIGNATURE_PAD))
    marks.sign()
    marks.sign_here()
    tasks.release(PAD)
    assert marks.mark.ink is not None
    before = marks.mark
    marks.sign_here()
    tasks.release(PAD)
    assert marks.mark is before


def test_the_screen_takes_no_signature_where_none_is_asked_for_or_there_is_no_screen(kit: Kit) -> None:
    tasks, pad = SameThread(PAD), ScriptedDevice(DeviceKind.SIGNATURE_PAD)
    bare, marks = taking(kit, tasks), taking(kit, tasks, pad)
    bare.sign_here()
    marks.picture(MarkKind.THUMB)
    marks.sign_here()
    tasks.release(PAD)
    assert (bare.mark.content, marks.mark.kind) == (b"", MarkKind.THUMB)


def test_a_screen_that_gives_no_signature_leaves_the_pad_waiting(kit: Kit) -> None:
    screen = ScriptedDevice(DeviceKind.SIGNATURE_PAD)
    screen.script = [NotConnectedError("device.none.signature_pad")]
    tasks = SameThread(PAD)
    marks = taking(kit, tasks, screen)
    marks.sign()
    marks.sign_here()
    tasks.release(PAD)
    assert marks.mark.content.startswith(b"\x89PNG")


def test_a_paper_stays_larger_than_a_thumb(kit: Kit) -> None:
    kit.devices.there[DeviceKind.CAMERA].frame = jpeg(3_000, 1_500)
    tasks, sizes = SameThread(CAMERA), {}
    for kind in (MarkKind.THUMB, MarkKind.SCAN):
        marks = taking(kit, tasks)
        marks.picture(kind)
        marks.mark = Mark(kind, is_live=True)
        marks.take()
        tasks.release(CAMERA)
        sizes[kind] = len(marks.mark.content)
    assert sizes[MarkKind.SCAN] > 1.5 * sizes[MarkKind.THUMB]


def test_nothing_is_photographed_before_the_camera_shows_it_and_again_takes_the_same_way(kit: Kit) -> None:
    tasks = SameThread(CAMERA)
    marks = taking(kit, tasks)
    marks.take()  # no camera yet
    marks.picture(MarkKind.SCAN)
    marks.type("a.pdf")
    marks.again()
    assert (marks.mark.kind, marks.mark.path) == (MarkKind.SCAN, "a.pdf")
    marks.type(" ")
    marks.take()
    tasks.release(CAMERA)
    assert marks.mark == Mark(MarkKind.SCAN, path=" ", is_live=True)
    marks.sign()
    assert marks.mark.path == ""


def test_the_camera_photographs_a_thumb_mark(kit: Kit) -> None:
    tasks = SameThread(CAMERA)
    marks = taking(kit, tasks)
    marks.picture(MarkKind.THUMB)
    marks.mark = Mark(MarkKind.THUMB, is_live=True)
    marks.take()
    tasks.release(CAMERA)
    assert (marks.mark.kind, marks.mark.content[:2]) == (MarkKind.THUMB, b"\xff\xd8")


def test_leaving_takes_no_picture(kit: Kit) -> None:
    tasks = SameThread(CAMERA)
    marks = taking(kit, tasks)
    marks.picture(MarkKind.THUMB)
    marks.release()
    tasks.release(CAMERA)
    assert marks.mark.content == b""


def test_without_a_camera_a_file_helps(kit: Kit, tmp_path: Path) -> None:
    kit.devices.there = {}
    scan = tmp_path / "terima.pdf"
    scan.write_bytes(b"%PDF-1.7")
    marks = taking(kit)
    marks.picture(MarkKind.SCAN)
    assert marks.mark.away
    marks.take()
    assert marks.mark.content == b""
    marks.type("/nowhere.pdf")
    marks.take()
    assert marks.mark.problem.code == "sop.evidence_unreadable"
    marks.type(str(scan))
    assert marks.mark.problem is None
    marks.take()
    assert (marks.mark.content, marks.mark.name, marks.mark.path) == (b"%PDF-1.7", "terima.pdf", str(scan))


def test_a_signature_that_comes_after_a_change_of_mind_is_let_go(kit: Kit) -> None:
    tasks = SameThread("compute")
    marks = taking(kit, tasks)
    marks.sign()
    marks.picture(MarkKind.THUMB)
    tasks.release("compute")
    assert (marks.mark.kind, marks.mark.content) == (MarkKind.THUMB, b"")
