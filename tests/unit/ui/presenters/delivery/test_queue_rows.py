from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.app_context import TARGETS, Kit
from support.clock import NOW
from support.tasks import SameThread, Steps

from fieldkit.domain.delivery import DeliveryState, QueueEntry
from fieldkit.domain.errors import Problem
from fieldkit.ports.delivery import SyncProgress
from ui.presenters.delivery.queue import Queue, Sending
from ui.presenters.figures import FigureCell
from ui.presenters.lists import ListScreen
from ui.presenters.parts import Tag
from ui.presenters.presenter import Message, message

S = DeliveryState


@pytest.fixture
def waiting(kit: Kit) -> QueueEntry:
    return kit.context.delivery.entry(kit.seal(1, TARGETS[0]))


def screen(kit: Kit, progress: SyncProgress | None = None) -> ListScreen[QueueEntry]:
    sending = Sending(kit.context, SameThread())
    sending.progress = progress
    return Queue(kit.context, Steps(), sending).screen()


@pytest.mark.parametrize(
    ("changes", "words", "detail"),
    [
        ({}, "", ""),
        ({"offset_bytes": 9}, message("kirim.resumes"), ""),
        ({"reason": "sync.too_large", "offset_bytes": 9}, Problem("sync.too_large"), ""),
        ({"state": S.ACKNOWLEDGED, "acknowledged_at": NOW}, message("kirim.receipt"), "21-11-2026 09.00"),
        ({"state": S.PURGED, "acknowledged_at": NOW, "reason": "x"}, message("kirim.receipt"), "21-11-2026 09.00"),
    ],
)
def test_a_remark_is_what_holds_a_record_else_its_receipt_else_what_went_before(
    kit: Kit, waiting: QueueEntry, changes: dict[str, Any], words: Message, detail: str
) -> None:
    assert screen(kit).heads[5].cell(replace(waiting, **changes)) == FigureCell(words, detail, is_muted=True)


@pytest.mark.parametrize(
    ("of", "size", "words"),
    [
        ("0199-0001", 200, message("kirim.sending_percent", percent=25)),
        ("0199-0001", 0, message("delivery.queued")),
        ("0199-0002", 200, message("delivery.queued")),
        (None, 0, message("delivery.queued")),
    ],
)
def test_only_the_record_under_way_says_how_much_of_it_is_sent(
    kit: Kit, waiting: QueueEntry, of: str | None, size: int, words: Message
) -> None:
    progress = None if of is None else SyncProgress("sync.step.send", of, 50, size, 0, 1)
    assert screen(kit, progress).heads[4].cell(waiting).tags == (Tag(words),)


CHIPS = {
    **dict.fromkeys((S.QUEUED, S.SENDING, S.RECEIVED), "waiting"),
    **dict.fromkeys((S.QUARANTINED, S.SET_ASIDE), "held"),
    **dict.fromkeys((S.ACKNOWLEDGED, S.PURGED, S.OFFICIAL), "received"),
}


def test_each_state_stands_under_one_chip(kit: Kit, waiting: QueueEntry) -> None:
    (chips,) = screen(kit).filters
    found = {state: [each.name for each in chips if each.takes(replace(waiting, state=state))] for state in S}
    assert found == {state: ["all", chip] for state, chip in CHIPS.items()}
