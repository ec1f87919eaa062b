"""What a person may decide about one record of the queue: send it again, hand it over, set it aside, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.commands import Command
from ui.presenters.form import Form, FormField
from ui.presenters.words import Words, phrase

_AGAIN = Command("send_again", phrase("kirim.record_again"), Act.SEND_AGAIN)
_BACK = Command("send_again", phrase("kirim.record_back"), Act.SEND_AGAIN)
_HAND_OVER = Command("hand_over", phrase("kirim.record_hand_over"), Act.HAND_OVER)
_ASIDE = Command("set_aside", phrase("kirim.record_aside"), Act.SET_ASIDE)


def actions_of(entry: QueueEntry, refused: Words) -> tuple[Command, ...]:
    """Return what can be done about a record, each with the reason why this person may not; nothing when it is safe."""
    if entry.state not in UNACKNOWLEDGED:
        return ()
    by_state = {
        DeliveryState.QUARANTINED: (_AGAIN, _HAND_OVER, _ASIDE),
        DeliveryState.SET_ASIDE: (_BACK, _HAND_OVER),
    }
    waits = (_AGAIN, _HAND_OVER) if entry.next_try_at is not None else (_HAND_OVER,)
    return tuple(replace(action, refused=refused) for action in by_state.get(entry.state, waits))


def aside_form(desk: Desk, record_id: str) -> Form:
    """Return the form that asks why a record is not to be sent."""

    def load() -> tuple[FormField, ...]:
        record = desk.delivery.entry(record_id).record
        who = phrase("kirim.aside_hint", name=record.masked_name, nik=record.masked_nik)
        return (FormField("reason", phrase("kirim.aside_reason"), hint=who),)

    def keep(values: Mapping[str, str]) -> None:
        desk.delivery.set_aside(record_id, values["reason"])

    return Form(phrase("kirim.aside_title"), load, keep, phrase("kirim.aside_note"), phrase("kirim.record_aside"))
