"""Problems that the services find, and the field of a form that each is about."""

from __future__ import annotations

from collections.abc import Mapping

PLACES: Mapping[str, str] = {
    "aid.decile_wrong": "decile",
    "aid.follow_up_past": "follow_up_on",
    "aid.no_evidence": "paper",
    "aid.no_name": "who",
    "aid.no_reason": "reason",
    "aid.no_result": "result",
    "application.no_reason": "reason",
    "biodata.birth_date": "birth_date",
    "biodata.name_not_latin": "name",
    "biodata.name_too_long": "name",
    "biodata.no_name": "name",
    "card.no_reason": "why",
    "clock.at_needed": "at",
    "clock.future": "ended",
    "clock.no_note": "note",
    "clock.order": "ended",
    "clock.reason_needed": "reason",
    "registration.empty": "registration",
    "registration.like_a_nik": "registration",
    "registration.unreadable": "registration",
    "request.dated_later": "dated",
    "request.no_number": "number",
    "request.no_place": "village",
    "request.no_sender": "sender",
    "request.no_subject": "subject",
    "request.proposed_day": "on",
    "request.received_later": "received_on",
    "request.scan_empty": "scans",
    "request.scan_kind": "scans",
    "request.scan_too_big": "scans",
    "request.targets_wrong": "targets",
    "sarpras.name_twice": "name",
    "sarpras.no_name": "name",
    "sarpras.no_repair_note": "repair",
    "sarpras.serial_twice": "serial",
    "sop.evidence_unreadable": "file",
    "staff.account_taken": "user_id",
    "staff.nip": "nip",
    "staff.nip_taken": "nip",
    "staff.no_name": "name",
}
"""A problem whose field the form does not ask for stands above the form."""
