"""What the program itself can tell about a step of an SOP: facts that complete steps without anybody ticking them."""

from __future__ import annotations

from enum import StrEnum


class Fulfilment(StrEnum):
    """A fact about an activity. A profile names, per step, which of them complete it (`dipenuhi_oleh`)."""

    REQUEST_RECEIVED = "request_received"
    TARGETS_COLLECTED = "targets_collected"
    DISPOSED = "disposed"
    TARGETS_VERIFIED = "targets_verified"
    SCHEDULED = "scheduled"
    PLAN_APPROVED = "plan_approved"
    PLAN_DIRECTED = "plan_directed"
    MEETING_HELD = "meeting_held"
    NOTICE_SENT = "notice_sent"  # surat pemberitahuan, or everybody who applied was told
    TEAM_ASSIGNED = "team_assigned"  # surat tugas
    REPLY_DRAFTED = "reply_drafted"  # surat balasan
    REPLY_SIGNED = "reply_signed"
    REPLY_HANDED_OVER = "reply_handed_over"
    TRAVEL_ORDERED = "travel_ordered"  # SPPD
    SARPRAS_OUT = "sarpras_out"
    ARRIVED = "arrived"
    COORDINATED = "coordinated"
    AT_LOCATION = "at_location"
    RECORDED = "recorded"
    SARPRAS_IN = "sarpras_in"
    SENT = "sent"
    PRINTED = "printed"
    HANDOVER_WRITTEN = "handover_written"
    DISTRIBUTION_PLANNED = "distribution_planned"
    CARDS_TO_KECAMATAN = "cards_to_kecamatan"
    CARDS_TO_DESA = "cards_to_desa"
    CARDS_TO_PERSONS = "cards_to_persons"
    APPLICATION_RECEIVED = "application_received"
    PHOTOS_TAKEN = "photos_taken"  # of everybody whose document bears one
    APPLICATION_CHECKED = "application_checked"
    APPLICATION_ENTERED = "application_entered"
    APPLICATION_VERIFIED = "application_verified"
    APPLICATION_APPROVED = "application_approved"
    DOCUMENT_PRINTED = "document_printed"
    DOCUMENT_RECEIVED = "document_received"
    DOCUMENT_HANDED_OVER = "document_handed_over"
    COURIER_TOLD = "courier_told"
    COURIER_DELIVERED = "courier_delivered"
    AID_COORDINATED = "aid_coordinated"
    AID_PROPOSED = "aid_proposed"
    AID_EVALUATED = "aid_evaluated"
    AID_DELIVERED = "aid_delivered"
    EVALUATED = "evaluated"  # the activity, by its laporan kegiatan
