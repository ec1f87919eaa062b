"""What a person may decide about one record of the queue: send it again, hand it over, set it aside, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation
from ui.presenters.form import Form, FormField
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator


def record_commands(
    context: AppContext, navigator: Navigator, entry: QueueEntry, refused: Message
) -> tuple[Command, ...]:
    """Return what can be done about a record, each with the reason why this person may not; nothing when it is safe."""
    if entry.state not in UNACKNOWLEDGED:
        return ()
    record_id, delivery = entry.record.record_id, context.delivery
    is_aside = entry.state is DeliveryState.SET_ASIDE
    send = delivery.take_back if is_aside else delivery.send_again
    queue = Operation(work=lambda: send(record_id), told=lambda _sent: message("kirim.queued_again"))
    words = message("kirim.record_back" if is_aside else "kirim.record_again")
    again = Command("send_again", words, Action.SEND_AGAIN, refused=refused, runs=queue)
    carry, keep_back = message("kirim.record_hand_over"), message("kirim.record_aside")
    to_stick, to_reason = (partial(navigator.push, way, record_id=record_id) for way in ("stick", "set_aside"))
    hand_over = Command("hand_over", carry, Action.HAND_OVER, refused=refused, runs=to_stick)
    aside = Command("set_aside", keep_back, Action.SET_ASIDE, refused=refused, runs=to_reason)
    if entry.state is DeliveryState.QUARANTINED:
        return (again, hand_over, aside)
    return (again, hand_over) if is_aside or entry.next_try_at is not None else (hand_over,)


def aside_form(context: AppContext, record_id: str) -> Form:
    """Return the form that asks why a record is not to be sent."""

    def load() -> tuple[FormField, ...]:
        record = context.delivery.entry(record_id).record
        who = message("kirim.aside_hint", name=record.masked_name, nik=record.masked_nik)
        return (FormField("reason", message("kirim.aside_reason"), hint=who),)

    def keep(values: Mapping[str, str]) -> None:
        context.delivery.set_aside(record_id, values["reason"])

    return Form(message("kirim.aside_title"), load, keep, message("kirim.aside_note"), message("kirim.record_aside"))
