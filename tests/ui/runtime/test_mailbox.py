from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from fieldkit.ports.devices import PenPoint, Signature
from ui.runtime.mailbox import InkMailbox, PreviewMailbox


def jpeg(width: int = 64, height: int = 48, colour: str = "#40A060") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return _bytes(image)


def _bytes(image: QImage) -> bytes:
    memory = QByteArray()
    buffer = QBuffer(memory)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "JPEG", 85)
    return bytes(memory.data())


@pytest.fixture
def mailbox(qtbot: QtBot) -> Iterator[PreviewMailbox]:
    mailbox = PreviewMailbox()
    yield mailbox
    mailbox.close()


def test_a_frame_offered_on_another_thread_arrives_once(qtbot: QtBot, mailbox: PreviewMailbox) -> None:
    with qtbot.waitSignal(mailbox.arrived):
        threading.Thread(target=mailbox.offer, args=(jpeg(),)).start()
    image = mailbox.take()
    assert image is not None
    assert image.size() == QSize(64, 48)
    assert mailbox.take() is None


def test_the_latest_frame_wins_over_those_nobody_took(qtbot: QtBot, mailbox: PreviewMailbox) -> None:
    for width in (32, 48, 80):
        mailbox.offer(jpeg(width))
        qtbot.wait(30)
    image = mailbox.take()
    assert image is not None
    assert image.width() == 80


def test_a_broken_frame_is_passed_over(qtbot: QtBot, mailbox: PreviewMailbox) -> None:
    mailbox.offer(b"no picture at all")
    with qtbot.waitSignal(mailbox.arrived):
        qtbot.wait(20)
        mailbox.offer(jpeg())
    assert mailbox.fps() == 1


def test_frames_are_decoded_no_bigger_than_they_are_shown(qtbot: QtBot, mailbox: PreviewMailbox) -> None:
    mailbox.fit(QSize(100, 100))
    with qtbot.waitSignal(mailbox.arrived):
        mailbox.offer(jpeg(640, 320))
    image = mailbox.take()
    assert image is not None
    assert image.size() == QSize(100, 50)


def test_offers_after_close_are_forgotten(qtbot: QtBot) -> None:
    mailbox = PreviewMailbox()
    mailbox.close()
    mailbox.offer(jpeg())
    assert mailbox.take() is None
    assert not any(thread.name == "preview" and thread.is_alive() for thread in threading.enumerate())


def signature(points: int) -> Signature:
    return Signature((tuple(PenPoint(i, i, 0.5, i) for i in range(points)),), 60_000, 30_000)


def test_the_latest_ink_wins_and_is_taken_once(qtbot: QtBot) -> None:
    mailbox = InkMailbox()
    arrivals: list[int] = []
    mailbox.arrived.connect(lambda: arrivals.append(1))

    def draw() -> None:
        for points in (1, 2, 3):
            mailbox.offer_signature(signature(points))

    pen = threading.Thread(target=draw)
    pen.start()
    pen.join()
    assert mailbox.take() == signature(3)
    assert mailbox.take() is None
    qtbot.waitUntil(lambda: len(arrivals) == 1)
