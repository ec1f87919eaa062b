"""Where a step of an SOP is done in this program."""

from __future__ import annotations

from collections.abc import Iterable

from fieldkit.domain.applications import LEGS, Service
from fieldkit.domain.sop.fulfilment import Fulfilment

_SCREENS: dict[Fulfilment, str] = {
    Fulfilment.REQUEST_RECEIVED: "request",
    Fulfilment.TARGETS_COLLECTED: "import_targets",
    Fulfilment.DISPOSED: "disposition",
    Fulfilment.TARGETS_VERIFIED: "verify_targets",
    Fulfilment.SCHEDULED: "plan",
    Fulfilment.PLAN_APPROVED: "plan",
    Fulfilment.PLAN_DIRECTED: "plan",
    Fulfilment.NOTICE_SENT: "letters",
    Fulfilment.TEAM_ASSIGNED: "letters",
    Fulfilment.REPLY_DRAFTED: "letters",
    Fulfilment.REPLY_SIGNED: "sign_letters",
    Fulfilment.REPLY_HANDED_OVER: "letters",
    Fulfilment.TRAVEL_ORDERED: "letters",
    Fulfilment.MEETING_HELD: "letters",
    Fulfilment.SARPRAS_OUT: "check_out",
    Fulfilment.ARRIVED: "trip",
    Fulfilment.COORDINATED: "trip",
    Fulfilment.AT_LOCATION: "trip",
    Fulfilment.RECORDED: "targets",
    Fulfilment.SARPRAS_IN: "check_in",
    Fulfilment.SENT: "queue",
    **dict.fromkeys((*LEGS[Service.KK], *LEGS[Service.BECAK_PINTAR][:-2]), "applications"),
    Fulfilment.PHOTOS_TAKEN: "applications",
    Fulfilment.PRINTED: "prints",
    Fulfilment.HANDOVER_WRITTEN: "distribution",
    Fulfilment.DISTRIBUTION_PLANNED: "distribution_plan",
    Fulfilment.CARDS_TO_KECAMATAN: "distribution",
    Fulfilment.CARDS_TO_DESA: "distribution",
    Fulfilment.CARDS_TO_PERSONS: "distribution",
    Fulfilment.COURIER_TOLD: "courier",
    Fulfilment.COURIER_DELIVERED: "courier",
    Fulfilment.AID_COORDINATED: "aid",
    Fulfilment.AID_PROPOSED: "aid",
    Fulfilment.AID_EVALUATED: "aid",
    Fulfilment.AID_DELIVERED: "aid",
    Fulfilment.EVALUATED: "evaluation",
}
# Another way to the same, or to what belongs to it: whoever is told brings the list; from door to door.
_BESIDE = {
    Fulfilment.NOTICE_SENT: "import_targets",
    Fulfilment.RECORDED: "visits",
    Fulfilment.DOCUMENT_HANDED_OVER: "distribution",
}
WITHOUT_ACTIVITY = frozenset({"queue", "sign_letters", "courier"})
"""Screens that show all activities."""


def screens_of(wanted: Iterable[Fulfilment]) -> tuple[str, ...]:
    """Return the screens where what a step waits for comes about; () for what is only written down."""
    ways = (screen for fact in wanted for screen in (_SCREENS.get(fact), _BESIDE.get(fact)))
    return tuple(dict.fromkeys(screen for screen in ways if screen is not None))


def params_of(screen: str, activity_id: str) -> dict[str, str]:
    """Return what a screen is opened with."""
    return {} if screen in WITHOUT_ACTIVITY else {"activity_id": activity_id}
