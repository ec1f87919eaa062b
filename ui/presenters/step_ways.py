"""Where a step of an SOP is done in this program."""

from __future__ import annotations

from collections.abc import Iterable

from fieldkit.domain.fulfilment import Fulfilment

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
    Fulfilment.RECORDED: "targets",
    Fulfilment.SARPRAS_IN: "check_in",
    Fulfilment.SENT: "queue",
}
WITHOUT_ACTIVITY = frozenset({"queue", "sign_letters"})
"""Screens that show all activities."""


def screens_of(wanted: Iterable[Fulfilment]) -> tuple[str, ...]:
    """Return the screens where what a step waits for comes about; () for what is only written down."""
    return tuple(dict.fromkeys(_SCREENS[fact] for fact in wanted if fact in _SCREENS))


def params_of(screen: str, activity_id: str) -> dict[str, str]:
    """Return what a screen is opened with."""
    return {} if screen in WITHOUT_ACTIVITY else {"activity_id": activity_id}
