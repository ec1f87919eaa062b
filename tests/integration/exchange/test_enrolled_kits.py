"""Two kits that a real gateway enrolled, with their own keys and stores: one records, the other visits."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import Office, opened, record
from support.homes import office as office
from support.kept import biodata
from support.room import LEAD, PETUGAS

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.visits import Outcome
from fieldkit.services.visits.run_visits import Ended


def test_a_recording_here_and_a_visit_there_come_together(office: Office, tmp_path: Path) -> None:
    one, other = office.kit(tmp_path / "one", PETUGAS), office.kit(tmp_path / "other", LEAD)
    with opened(one) as desk:
        record(desk)
        second = desk.office.visits.walk_in(
            "act-1", biodata("BUDI", "3275010101900001"), desk.visits.targets("act-1")[0].category
        )
        first = desk.office.exchange.make()
    with opened(other, LEAD) as desk:
        with pytest.raises(InputError):
            desk.office.exchange.take(first.content)
        taken = desk.office.exchange.take(first.content, first.code)
        assert (taken.by, taken.conflicts) == (PETUGAS.name, 0)
        assert desk.visits.targets("act-1")[0].state is TargetState.RECORDED
        visit = desk.office.visits.begin(second.target_id)
        desk.office.visits.end(visit.thing_id, Ended(Outcome.MENOLAK))
        answer = desk.office.exchange.make()
        assert not answer.code  # the first file said to whom it may be closed
        assert desk.audit.verify()[1] is None
    with opened(one) as desk:
        assert desk.office.exchange.take(answer.content).conflicts == 0
        assert [card.outcome for card in desk.office.visits.card(second.target_id).visits] == [Outcome.MENOLAK]
        assert desk.audit.verify()[1] is None
        assert desk.delivery.queue("").unsent == 1  # the record stays with the kit that sealed it
    with opened(other, LEAD) as desk:
        assert desk.delivery.queue("").sealed == 0
