"""The forms around distribution: the BA serah terima, a stop of the schedule, what could not be handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldkit.domain.cards.card import Place, Stop
from fieldkit.domain.errors import InputError
from fieldkit.domain.typed import read_day
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer

TRIED, BACK_HERE = "tried", "back"
_STOPS = (Place.KECAMATAN, Place.DESA, Place.PERSON)
Values = Mapping[str, str]


def _field(name: str, text: str = "") -> FormField:
    return FormField(name, message(f"distribusi.field.{name}"), text, message(f"distribusi.hint.{name}"))


def ba_form(context: AppContext, card_ids: Sequence[str]) -> Form:
    """Who receives a batch; the BA serah terima is drafted and opened, to be issued with its official number."""
    handover = context.office.handover

    def load() -> tuple[FormField, ...]:
        return (_field("ba_receiver"), _field("jabatan"), _field("office"), _field("nip"))

    def keep(values: Values) -> object:
        if not values["ba_receiver"].strip():
            raise InputError("card.no_receiver")
        receiver, jabatan, office = values["ba_receiver"], values["jabatan"], values["office"]
        return handover.write_ba(card_ids, receiver, jabatan, office, values["nip"])

    return Form(
        message("distribusi.ba_title", count=len(card_ids)),
        load,
        keep,
        message("distribusi.ba_about"),
        message("distribusi.ba_write"),
        lambda navigator, letter: navigator.replace("letter", letter_id=letter.thing_id),
    )


def failed_form(context: AppContext, card_ids: Sequence[str]) -> Form:
    """Why documents were not taken, and whether they come back."""
    handover, courier = context.office.handover, context.office.courier

    def load() -> tuple[FormField, ...]:
        if Place.DINAS in {handover.get(card_id).place for card_id in card_ids}:
            return (_field("reason"),)  # what lies here cannot come back
        choices = Choice.each((TRIED, BACK_HERE), "distribusi.failed_")
        return (
            FormField("happened", message("distribusi.field.happened"), BACK_HERE, choices=choices),
            _field("reason"),
        )

    def keep(values: Values) -> object:
        reason = values["reason"]
        is_with_courier = handover.get(card_ids[0]).place is Place.COURIER
        if not reason.strip():
            raise InputError("card.no_reason").at("why")
        if values.get("happened", TRIED) == TRIED:
            return courier.attempts(card_ids, reason) if is_with_courier else handover.note_attempts(card_ids, reason)
        return courier.take_back(card_ids, reason) if is_with_courier else handover.bring_back(card_ids, reason)

    return Form(message("distribusi.failed_title", count=len(card_ids)), load, keep, message("distribusi.failed_about"))


def stop_form(context: AppContext, activity_id: str, at: int) -> Form:
    """A stop of the schedule, a new one when `at` is none of its places."""
    handover = context.office.handover

    def stops() -> list[Stop]:
        plan = handover.distribution(activity_id)
        return list(plan.stops) if plan else []

    def load() -> tuple[FormField, ...]:
        known = stops()
        stop = known[at] if 0 <= at < len(known) else Stop(context.clock.today(), Place.DESA, "", "")
        choices = Choice.each((place.value for place in _STOPS), "distribusi.place.")
        return (
            _field("on", day_text(stop.on)),
            FormField("to", message("distribusi.to"), stop.to.value, choices=choices),
            _field("where", stop.where),
            _field("by", stop.by),
        )

    def keep(values: Values) -> object:
        stop = Stop(answer(values, "on", read_day), Place(values["to"]), values["where"].strip(), values["by"].strip())
        others = [each for place, each in enumerate(stops()) if place != at]
        return handover.plan_distribution(activity_id, [*others, stop])

    return Form(message("distribusi.stop_title"), load, keep)
