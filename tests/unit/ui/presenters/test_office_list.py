from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from support.app_context import PETUGAS, Kit
from support.tasks import Steps

from fieldkit.domain.people.accounts import Permission
from ui.presenters.actions import Action
from ui.presenters.commands import Weight
from ui.presenters.messages import message
from ui.presenters.office_list import OfficeList


def test_a_list_knows_whose_it_is_where_it_leads_and_who_may(tmp_path: Path) -> None:
    kit, steps = Kit(tmp_path, PETUGAS), Steps()
    try:
        office = OfficeList(kit.context, steps, "a1")
        command = office._opens("accept", "Buka", Action.ACCEPT, "", "visit", activity_id=office._of)
        assert command.weight is Weight.PRIMARY
        assert callable(command.runs)
        command.runs()
        assert steps.taken == [("push", "visit", "a1")]
        assert office._refusal(Permission.RECORD, "x.not_yours") == ""
        assert office._refusal(Permission.KEEP_PROFILE, "x.not_yours") == message("x.not_yours")
        late = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
        assert (office._moment_text(late), office._day_text(late)) == ("02-03-2026 03.30", "02-03-2026")
    finally:
        kit.store.close()
