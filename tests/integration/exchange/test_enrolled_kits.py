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


@pytest.mark.days
def test_a_recording_here_and_a_visit_there_come_together(office: Office, tmp_path: Path) -> None:
    one, other = office.kit(tmp_path / "one", PETUGAS), office.kit(tmp_path / "other", LEAD)
    with opened(one) as context:
        record(context)
        second = context.office.visits.walk_in(
            "act-1", biodata("BUDI", "3275010101900001"), context.visits.targets("act-1")[0].category
        )
        first = context.office.exchange.make()
    with opened(other, LEAD) as context:
        with pytest.raises(InputError):
            context.office.exchange.take(first.content)
        taken = context.office.exchange.take(first.content, first.code)
        assert (taken.by, taken.conflicts) == (PETUGAS.name, 0)
        assert context.visits.targets("act-1")[0].state is TargetState.RECORDED
        visit = context.office.visits.begin(second.target_id)
        context.office.visits.end(visit.thing_id, Ended(Outcome.MENOLAK))
        answer = context.office.exchange.make()
        assert not answer.code  # the first file said to whom it may be closed
        assert context.audit.verify()[1] is None
    with opened(one) as context:
        assert context.office.exchange.take(answer.content).conflicts == 0
        assert [card.outcome for card in context.office.visits.card(second.target_id).visits] == [Outcome.MENOLAK]
        assert context.audit.verify()[1] is None
        assert context.delivery.queue("").unsent == 1  # the record stays with the kit that sealed it
    with opened(other, LEAD) as context:
        assert context.delivery.queue("").sealed == 0
