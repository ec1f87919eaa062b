"""What the follow-up of social aid means for the SOP of its activity."""

from __future__ import annotations

from fieldkit.domain.aid import OVER, AidCase, AidRound, AidState, standing
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.acts import Writing
from fieldkit.services.sop.fulfil import fulfil, underway


def aid_moved(writing: Writing, activity_id: str) -> None:
    """Tell that everything noted was proposed, and that every proposal has its end, one of them as aid."""
    counts = standing(writing.unit.shelf(AidCase).of(activity_id))
    total, noted = sum(counts.values()), counts.get(AidState.DICATAT, 0)
    if total > noted:
        (underway if noted else fulfil)(writing, activity_id, Fulfilment.AID_PROPOSED)
    if counts.get(AidState.DISALURKAN):
        is_over = total == sum(counts.get(state, 0) for state in OVER)
        (fulfil if is_over else underway)(writing, activity_id, Fulfilment.AID_DELIVERED)


def aid_coordinated(writing: Writing, aid_round: AidRound) -> None:
    """Tell that both Dinsos and desa were asked."""
    told = fulfil if aid_round.is_coordinated else underway
    told(writing, aid_round.activity_id, Fulfilment.AID_COORDINATED)
