"""The surat permohonan as staff registers it, with its scans, and the activity that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.applications import Application
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.domain.targets.requests import SuratPermohonan
from fieldkit.ports.sop_profiles import SopProfiles
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.sop.keep_run import keep_run
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

MAX_SCAN_BYTES = 15_000_000
_SIGNS = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_SOON_DAYS = 366


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan or photo of the letter or of the list."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ProposedActivity:
    """The outreach that a request asks for. `sop` is the id of a profile, "" to follow none."""

    name: str
    place: str
    on: date
    mode: ModePerekaman
    sop: str


def scan_of(name: str, content: bytes) -> Scan:
    """Return a file as a scan, known by its content.

    Raise `InputError`: `request.scan_empty`, `request.scan_too_big`, `request.scan_kind`.
    """
    if not content:
        raise InputError("request.scan_empty", name=name).at("scans")
    if len(content) > MAX_SCAN_BYTES:
        raise InputError("request.scan_too_big", name=name, limit=MAX_SCAN_BYTES // 1_000_000).at("scans")
    for sign, media_type in _SIGNS:
        if content.startswith(sign):
            return Scan(name, media_type, content)
    raise InputError("request.scan_kind", name=name).at("scans")


class RegisterRequest:
    """Registers requests and finds them again."""

    def __init__(self, units: UnitsOfWork, profiles: SopProfiles) -> None:
        self._units, self._profiles = units, profiles

    def register(
        self, request: SuratPermohonan, proposed: ProposedActivity | None, scans: Sequence[Scan] = ()
    ) -> SuratPermohonan:
        """Keep a request, its scans and, when it is new, the activity with its SOP; return it with its ids.

        `request` comes without ids; with `activity_id` it belongs to an activity that is there. Raise `InputError`.
        """
        self._check(request, proposed)
        with self._units.write(Permission.REGISTER) as work:
            activity_id = request.activity_id
            if proposed is not None:
                activity_id = self._begin(work, proposed)
            else:
                work.unit.activities.get(activity_id)
            kept = replace(request, thing_id=work.ids.new(), activity_id=activity_id)
            for scan in scans:
                work.attach(kept.thing_id, scan.name, scan.media_type, scan.content)
            work.keep(kept, "request_registered", applicant=kept.applicant.value, scans=len(scans))
            fulfil(work, activity_id, Fulfilment.REQUEST_RECEIVED, kept.thing_id)
            return kept

    def get(self, request_id: str) -> SuratPermohonan:
        """Return one. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.repository(SuratPermohonan).get(request_id)

    def villages(self) -> Sequence[str]:
        """Return the villages that requests, then those that applications named, the latest first, each once."""
        with self._units.read() as unit:
            asked = [request.village for request in unit.repository(SuratPermohonan).search()]
            served = [each.applicant.village for each in unit.repository(Application).search()]
        found: dict[str, str] = {}
        for name in filter(str.strip, (*asked, *served)):
            found.setdefault(name.casefold(), name)
        return tuple(found.values())

    def of(self, activity_id: str) -> Sequence[SuratPermohonan]:
        """Return the requests of an activity, oldest first."""
        with self._units.read() as unit:
            return unit.repository(SuratPermohonan).of(activity_id)

    def search(self, text: str = "") -> Sequence[SuratPermohonan]:
        """Return requests by sender, number, subject, place or agenda number, newest first."""
        with self._units.read() as unit:
            return unit.repository(SuratPermohonan).search(text)

    def _check(self, request: SuratPermohonan, proposed: ProposedActivity | None) -> None:
        self._check_words(request)
        if proposed is None:
            return
        if not proposed.place.strip() or not proposed.name.strip():
            raise InputError("request.no_place").at("village")
        if not 0 <= (proposed.on - self._units.clock.today()).days <= _SOON_DAYS:
            raise InputError("request.proposed_day").at("on")

    def _check_words(self, request: SuratPermohonan) -> None:
        today = self._units.clock.today()
        if not request.sender.strip():
            raise InputError("request.no_sender").at("sender")
        if not request.number.strip():
            raise InputError("request.no_number").at("number")
        if not request.subject.strip():
            raise InputError("request.no_subject").at("subject")
        if request.received_on > today:
            raise InputError("request.received_later").at("received_on")
        if request.dated > request.received_on:
            raise InputError("request.dated_later").at("dated")
        if request.targets < 0:
            raise InputError("request.targets_wrong").at("targets")

    def _begin(self, work: UnitOfWork, proposed: ProposedActivity) -> str:
        profiles = {profile.sop_id: profile for profile in self._profiles.read().profiles}
        if proposed.sop and proposed.sop not in profiles:
            raise RuleError("sop.unknown", sop=proposed.sop)
        activity_id = work.ids.new()
        name, place = proposed.name.strip(), proposed.place.strip()
        activity = Activity(activity_id, name, place, proposed.on, proposed.mode, "", proposed.sop)
        work.unit.activities.save(activity)
        work.note("activity_proposed", activity_id, on=proposed.on.isoformat(), mode=proposed.mode.value)
        if proposed.sop:
            run: SopRun = begin_run(profiles[proposed.sop], activity_id, work.user.user_id, work.at)
            keep_run(work, run, "sop_begun", sop=proposed.sop)
        return activity_id
