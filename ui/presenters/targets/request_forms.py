"""Surat permohonan and lembar disposisi as forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.targets.requests import Applicant, Harapan, Sifat, SuratPermohonan
from fieldkit.domain.typed import optional, read_day, read_whole
from fieldkit.ports.repositories import Attachment
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.register_request import ProposedActivity, Scan, scan_of
from ui.presenters.amounts import day_text
from ui.presenters.form import SEPARATOR, Beside, Form, FormField, Labels, Pages, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.picking import offered
from ui.presenters.planning.activities import sop_field, sop_of
from ui.presenters.readers import answer, papers

_ONE_WEEK = timedelta(days=7)
_field = Labels("request.")
_WIDE = {"applicant": 4, "sifat": 4, "sender": 2, "number": 2, "subject": 2, "scans": 2, "sop": 4, "mode": 2}
_FORWARD = (Role.KABID, Role.KASI, Role.KETUA_TIM, Role.LOKET)


def request_form(context: AppContext, activity_id: str = "") -> Form:
    """Return the form of a request; without an activity it begins one."""

    def load() -> tuple[FormField, ...]:
        today = context.clock.today()
        fields = [
            _field("applicant", Applicant.PEMERINTAH_DESA, choices=Choice.each(Applicant, "request.applicant_")),
            _field("sifat", Sifat.BIASA, choices=Choice.each(Sifat, "request.sifat_")),
            _field("sender", hint="request.sender_hint"),
            _field("number"),
            _field("dated", day_text(today)),
            _field("received_on", day_text(today)),
            _field("subject", "Permohonan perekaman KTP-el"),
            _field("targets", "0"),
            replace(_field("village", choices=offered(context.office.requests.villages())), pick=Pick.OPEN),
            _field("district"),
            _field("region", hint="request.region_hint"),
            _field("contact"),
            _field("agenda"),
            _field("scans", hint="request.scans_hint", is_paper=True, is_many=True),
        ]
        if not activity_id:
            fields += [
                _field("on", day_text(today + _ONE_WEEK)),
                _field("mode", ModePerekaman.LURING, choices=Choice.each(ModePerekaman, "request.mode_")),
                sop_field(context),
            ]
        return tuple(fields)

    def keep(values: Mapping[str, str]) -> SuratPermohonan:
        request = _request(values, activity_id)
        return context.office.requests.register(request, None if activity_id else _proposed(values), _scans(values))

    return Form(message("common.request_letter"), load, keep, save=message("common.register"), wide=_WIDE)


def disposition_form(context: AppContext, activity_id: str) -> Form:
    """Return the lembar disposisi of the last request of an activity, as it was written before or empty."""

    def load() -> tuple[FormField, ...]:
        earlier = context.office.dispositions.of(_last(context, activity_id).thing_id)
        roles = Choice.each(_FORWARD, "role.")
        wishes = Choice.each(Harapan, "request.harapan_")
        chosen = earlier.forwarded_to if earlier else (Role.KABID,)
        wished = earlier.harapan if earlier else (Harapan.PROSES_LEBIH_LANJUT,)
        return (
            _field("sifat", earlier.sifat if earlier else Sifat.BIASA, choices=Choice.each(Sifat, "request.sifat_")),
            _field("to", SEPARATOR.join(chosen), choices=roles, is_many=True),
            _field("harapan", SEPARATOR.join(wished), choices=wishes, is_many=True),
            _field("note", earlier.note if earlier else ""),
        )

    def keep(values: Mapping[str, str]) -> object:
        return context.office.dispositions.dispose(
            _last(context, activity_id).thing_id,
            Sifat(values["sifat"]),
            [Role(name) for name in values["to"].split()],
            [Harapan(name) for name in values["harapan"].split()],
            values["note"],
        )

    def scans() -> Sequence[Attachment]:
        return context.office.scans.of(_last(context, activity_id).thing_id)

    return Form(
        message("request.disposition"),
        load,
        keep,
        message("request.disposition_hint"),
        message("request.dispose"),
        beside=Beside(scans, lambda found: drawn(context, found)),
    )


def drawn(context: AppContext, scans: Sequence[Attachment]) -> Pages:
    """Return the pages of scans, to be read beside a form."""
    shown = context.office.scans.draw(scans)
    if shown.unreadable:
        return Pages(shown.pages, message("request.scan_unreadable", names=", ".join(shown.unreadable)))
    return Pages(shown.pages, "" if shown.pages else message("request.no_scan"))


def _last(context: AppContext, activity_id: str) -> SuratPermohonan:
    requests = context.office.requests.of(activity_id)
    if not requests:
        raise InputError("dispose.no_request")
    return requests[-1]


def _request(values: Mapping[str, str], activity_id: str) -> SuratPermohonan:
    return SuratPermohonan(
        thing_id="",
        activity_id=activity_id,
        applicant=Applicant(values["applicant"]),
        sender=values["sender"].strip(),
        number=values["number"].strip(),
        dated=answer(values, "dated", read_day),
        received_on=answer(values, "received_on", read_day),
        subject=values["subject"].strip(),
        village=values["village"].strip(),
        district=values["district"].strip(),
        region=values["region"].replace(".", "").strip(),
        targets=answer(values, "targets", optional(read_whole)) or 0,
        contact=values["contact"].strip(),
        sifat=Sifat(values["sifat"]),
        agenda=values["agenda"].strip(),
    )


def _proposed(values: Mapping[str, str]) -> ProposedActivity:
    place = values["village"].strip()
    name = f"Jemput bola {place}, {values['district'].strip()}".rstrip(", ") if place else ""
    return ProposedActivity(name, place, answer(values, "on", read_day), ModePerekaman(values["mode"]), sop_of(values))


def _scans(values: Mapping[str, str]) -> list[Scan]:
    return answer(values, "scans", lambda _text: [scan_of(*paper) for paper in papers(values, "scans")])
