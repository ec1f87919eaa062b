from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from fieldkit.ports.devices import PenPoint, Signature
from ui.runtime.ink import InkMailbox


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
