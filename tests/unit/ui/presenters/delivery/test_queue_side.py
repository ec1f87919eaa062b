"""What stands beside the queue: the record under the cursor, else the last run, the backup and the office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.app_context import Kit
from support.clock import NOW
from support.kept import sealed
from support.listing import at_row
from support.tasks import SameThread, Steps

from fieldkit.domain.delivery import DeliveryState, QueueEntry
from fieldkit.domain.errors import Problem
from fieldkit.domain.office_bundles import BundleKind, BundleStanding
from fieldkit.services.delivery.check_store import BackUp, BackupStanding
from fieldkit.services.delivery.deliver import Deliver, QueueView
from ui.presenters.delivery.queue import Queue, Sending
from ui.presenters.lists import Hint, Panel
from ui.presenters.presenter import Message, message

ENTRY = QueueEntry(sealed(7), DeliveryState.QUARANTINED, 0, 0, "", None, None, "")
LARGE = replace(ENTRY, reason="sync.too_large")
AWAY = Problem("sync.unreachable")
NEVER = Hint(message("kirim.never"))
CAME = BundleStanding(BundleKind.SOP, "kia", 3, NOW, NOW)
FROM_OFFICE = Hint(message("kirim.office_sop", version=3), message("kirim.office_at", at="21-11-2026 09.00"))
NUMBER = Hint(message("common.record_number"), ("record-7",))
DUE = BackupStanding(2, None, is_due=True)


def hints(panels: Sequence[Panel]) -> list[tuple[Message, object]]:
    return [(panel.title, panel.words) for panel in panels if isinstance(panel, Hint)]


def beside(kit: Kit, view: QueueView, entry: QueueEntry | None, stopped: Problem | None = None) -> Sequence[Panel]:
    sending = Sending(kit.context, SameThread())
    sending.problem = stopped
    screen = Queue(kit.context, Steps(), sending).screen()
    screen.load()
    return screen.side(replace(at_row(entry), everything=view.entries))


@pytest.mark.parametrize(
    ("entry", "stopped", "why", "told"),
    [
        (None, None, "", [NEVER]),
        (ENTRY, None, "", [NEVER]),
        (LARGE, None, "", [Hint(Problem("sync.too_large")), NUMBER]),
        (LARGE, AWAY, "", [Hint(Problem("sync.too_large")), NUMBER]),
        (LARGE, None, "dobel", [Hint(Problem("sync.too_large"), message("kirim.why_aside", reason="dobel")), NUMBER]),
        (replace(ENTRY, reason="sync.unreachable"), AWAY, "", [NEVER]),
    ],
)
def test_what_holds_a_record_is_told_unless_it_stopped_the_run(
    idle: Kit,
    monkeypatch: pytest.MonkeyPatch,
    entry: QueueEntry | None,
    stopped: Problem | None,
    why: str,
    told: list[Hint],
) -> None:
    view = QueueView((ENTRY, LARGE), {}, None, None, {"record-7": why} if why else {})
    monkeypatch.setattr(Deliver, "queue", lambda *_: view)
    assert hints(beside(idle, view, entry, stopped)) == hints(told)


@pytest.mark.parametrize(
    ("changes", "backup", "told"),
    [
        ({"last_run_at": NOW}, None, [Hint(message("masuk.last_sync", at="21-11-2026 09.00"))]),
        ({"from_office": replace(CAME, applied_at=None)}, None, [NEVER]),
        ({"from_office": CAME}, None, [NEVER, FROM_OFFICE]),
        (
            {"last_run_at": NOW},
            DUE,
            [Hint(message("cadangan.none_yet"), message("cadangan.reminder_help", count=2))],
        ),
        ({"entries": ()}, DUE, []),
        ({"entries": (), "from_office": CAME}, DUE, [FROM_OFFICE]),
    ],
)
def test_a_backup_that_is_due_goes_before_the_last_run_and_an_empty_queue_tells_of_the_office_alone(
    idle: Kit,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, object],
    backup: BackupStanding | None,
    told: list[Hint],
) -> None:
    view = replace(QueueView((ENTRY,), {}, None, None), **changes)  # type: ignore[arg-type]
    monkeypatch.setattr(Deliver, "queue", lambda *_: view)
    if backup is not None:
        monkeypatch.setattr(BackUp, "standing", lambda _: backup)
    assert hints(beside(idle, view, None)) == hints(told)
