"""Entries of any kind in words: what they are, what their fields are called, what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fieldkit.domain.exchange.shared_kinds import IN_ORDER
from fieldkit.domain.visits import Outcome
from fieldkit.services.exchange.settle_conflicts import Side
from ui.presenters.amounts import moment_text
from ui.presenters.messages import Message, message

_KINDS = frozenset(
    {
        *("activity", "target", "target_notes", "target_list", "visit", "trip", "card", "distribution", "application"),
        *("plan", "sop_run", "letter", "signing_trail", "surat_permohonan", "disposisi", "staff", "sarpras_item"),
        *("sarpras_consumable", "sarpras_kit", "sarpras_out", "sarpras_in"),
    }
)
_FIELDS = frozenset(
    {
        *("outcome", "started_at", "ended_at", "note", "safety", "companion", "wants_revisit", "revisit_note", "by"),
        *("name", "state", "reason", "verdict", "category", "house", "place", "handings", "attempts", "receipt"),
        *("letters", "lines", "counts", "condition", "stock", "minimum", "steps", "facts", "izin", "kits"),
        *("kit_names", "out_at", "in_at", "moments", "stops", "digits", "route", "access", "contact"),
    }
)
_OUTCOMES = frozenset(Outcome)
_MOST = 60  # characters of one cell


def kind_words(kind: str) -> Message:
    """Return what an entry is."""
    return message(f"conflicts.kind_{kind if kind in _KINDS and kind in IN_ORDER else 'other'}")


def side_words(side: Side) -> Message:
    """Return on which laptop a side was written, and by whom."""
    return message("conflicts.side", kit=side.kit, name=side.by) if side.by else side.kit


def field_words(path: str) -> Message:
    """Return what a field is called; one without a name of its own is shown as it is kept."""
    last = path.rsplit(".", 1)[-1]
    return message(f"conflicts.field_{last}") if last in _FIELDS else last.replace("_", " ")


def value_words(value: Any, local: Callable[[datetime], datetime]) -> Message:
    """Return what stands in a field."""
    match value:
        case _ if value is None or value in ("", [], {}):
            return message("conflicts.nothing")
        case bool():
            return message("conflicts.yes" if value else "conflicts.no")
        case str() if value in _OUTCOMES:
            return message(f"end_reason.{value}")
        case str():
            return _text(value, local)
        case list():
            return message("conflicts.entries", count=len(value))
        case Mapping():
            told = [_text(each, local) for each in value.values() if isinstance(each, str) and each]
            return " · ".join(told)[:_MOST]
        case _:
            return str(value)


def detail_words(value: Any, local: Callable[[datetime], datetime]) -> Message:
    """Return the newest of several entries."""
    if isinstance(value, list) and value:
        last = value[-1]
        return value_words(last, local) if isinstance(last, str | Mapping) else ""
    return ""


def _text(value: str, local: Callable[[datetime], datetime]) -> str:
    try:
        at = datetime.fromisoformat(value) if "T" in value else None
    except ValueError:
        at = None
    if at is not None and at.tzinfo is not None:
        return moment_text(local(at))
    return value.replace("_", " ") if value.islower() else value
