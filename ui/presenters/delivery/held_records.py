"""What a person may decide about one record of the queue: send it again, hand it over, set it aside, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.commands import Command, Operation
from ui.presenters.form import Form, FormField
from ui.presenters.navigator import Navigator
from ui.presenters.words import Words, phrase


def record_commands(desk: Desk, navigator: Navigator, entry: QueueEntry, refused: Words) -> tuple[Command, ...]:
    """Return what can be done about a record, each with the reason why this person may not; nothing when it is safe."""
    if entry.state not in UNACKNOWLEDGED:
        return ()
    record_id, delivery = entry.record.record_id, desk.delivery
    is_aside = entry.state is DeliveryState.SET_ASIDE
    send = delivery.take_back if is_aside else delivery.send_again
    queue = Operation(work=lambda: send(record_id), told=lambda _sent: phrase("kirim.queued_again"))
    words = phrase("kirim.record_back" if is_aside else "kirim.record_again")
    again = Command("send_again", words, Act.SEND_AGAIN, refused=refused, runs=queue)
    carry, keep_back = phrase("kirim.record_hand_over"), phrase("kirim.record_aside")
    to_stick, to_reason = (partial(navigator.push, way, record_id=record_id) for way in ("stick", "set_aside"))
    hand_over = Command("hand_over", carry, Act.HAND_OVER, refused=refused, runs=to_stick)
    aside = Command("set_aside", keep_back, Act.SET_ASIDE, refused=refused, runs=to_reason)
    if entry.state is DeliveryState.QUARANTINED:
        return (again, hand_over, aside)
    return (again, hand_over) if is_aside or entry.next_try_at is not None else (hand_over,)


def aside_form(desk: Desk, record_id: str) -> Form:
    """Return the form that asks why a record is not to be sent."""

    def load() -> tuple[FormField, ...]:
        record = desk.delivery.entry(record_id).record
        who = phrase("kirim.aside_hint", name=record.masked_name, nik=record.masked_nik)
        return (FormField("reason", phrase("kirim.aside_reason"), hint=who),)

    def keep(values: Mapping[str, str]) -> None:
        desk.delivery.set_aside(record_id, values["reason"])

    return Form(phrase("kirim.aside_title"), load, keep, phrase("kirim.aside_note"), phrase("kirim.record_aside"))
