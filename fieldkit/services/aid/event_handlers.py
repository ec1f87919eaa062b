"""What the follow-up of social aid means for the SOP of its activity."""

from __future__ import annotations

from fieldkit.domain.aid import OVER, AidCase, AidRound, AidState, standing
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.sop.fulfil import fulfil, underway
from fieldkit.services.unit_of_work import UnitOfWork


def aid_moved(work: UnitOfWork, activity_id: str) -> None:
    """Tell that everything noted was proposed, and that every proposal has its end, one of them as aid."""
    counts = standing(work.unit.repository(AidCase).of(activity_id))
    total, noted = sum(counts.values()), counts.get(AidState.DICATAT, 0)
    if total > noted:
        (underway if noted else fulfil)(work, activity_id, Fulfilment.AID_PROPOSED)
    if counts.get(AidState.DISALURKAN):
        is_over = total == sum(counts.get(state, 0) for state in OVER)
        (fulfil if is_over else underway)(work, activity_id, Fulfilment.AID_DELIVERED)


def aid_coordinated(work: UnitOfWork, aid_round: AidRound) -> None:
    """Tell that both Dinsos and desa were asked."""
    told = fulfil if aid_round.is_coordinated else underway
    told(work, aid_round.activity_id, Fulfilment.AID_COORDINATED)
