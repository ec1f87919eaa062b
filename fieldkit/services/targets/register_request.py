"""The surat permohonan as staff registers it, with its scans, and the activity that it asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.applications import Application
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission, Role
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.domain.targets.requests import Disposisi, Harapan, Sifat, SuratPermohonan
from fieldkit.domain.targets.sheets import NikAdded, NikPaper
from fieldkit.domain.visits import Perekaman
from fieldkit.ports.documents import SopProfiles
from fieldkit.ports.recording import NikKey, SamplePictures
from fieldkit.ports.repositories import Attachment
from fieldkit.services.devices import PAPER_PX
from fieldkit.services.sop.run_sop import begin_perekaman, fulfil, keep_run
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# Add the NIK of somebody who was taken in without one: who says so, when, and from which paper.


class AddNik:
    """The act of the signed-in user; it is in the log, and the former number stays with what was sent before."""

    def __init__(self, units: UnitsOfWork, nik_key: NikKey) -> None:
        self._units, self._nik_key = units, nik_key

    def found(self, target_id: str) -> NikAdded | None:
        """Return how the NIK of a person came, None of who always had one or has none yet."""
        with self._units.read() as unit:
            return unit.repository(NikAdded).find(target_id)

    def add(self, target_id: str, nik: Nik, paper: NikPaper, number: str) -> NikAdded:
        """Put the NIK in the place of the provisional number.

        Raise `InputError("nik.no_paper")` without the number of the paper, `RuleError("nik.is_known")` where the
        person has a NIK, `RuleError("nik.of_another")` for one that another target or a record of this laptop has.
        """
        if not number.strip():
            raise InputError("nik.no_paper").at("number")
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            target = work.unit.targets.get(target_id)
            before = target.biodata.nik
            if not before.is_provisional:
                raise RuleError("nik.is_known", nik=before.masked).at("nik")
            others = [key for key in work.unit.targets.with_niks([nik.digits]) if key.activity_id == target.activity_id]
            if others or work.unit.records.by_nik(self._nik_key.digest(nik.digits), nik.digits):
                raise RuleError("nik.of_another", nik=nik.masked).at("nik")
            work.unit.targets.save([replace(target, biodata=replace(target.biodata, nik=nik))])
            added = NikAdded(
                thing_id=target_id,
                activity_id=target.activity_id,
                provisional=before.digits,
                nik=nik,
                paper=paper,
                number=" ".join(number.split()),
                by=work.user.user_id,
                at=work.at,
            )
            work.keep(added, "nik_added", target=target_id, provisional=before.digits, paper=paper.value)
            return added


# The disposisi of the head of the dinas.


class Dispose:
    """Writes and finds disposisi."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def dispose(
        self, request_id: str, sifat: Sifat, forwarded_to: Sequence[Role], harapan: Sequence[Harapan], note: str = ""
    ) -> Disposisi:
        """Keep what was decided about a request; a second disposisi of it takes the place of the first.

        Raise `InputError("dispose.no_role")`, `RuleError("role.not_yours")`.
        """
        if not forwarded_to:
            raise InputError("dispose.no_role")
        with self._units.write(Permission.DISPOSE) as work:
            request = work.unit.repository(SuratPermohonan).get(request_id)
            repository = work.unit.repository(Disposisi)
            earlier = next((d for d in repository.of(request.activity_id) if d.request_id == request_id), None)
            disposisi = Disposisi(
                thing_id=earlier.thing_id if earlier else work.ids.new(),
                activity_id=request.activity_id,
                request_id=request_id,
                sifat=sifat,
                forwarded_to=tuple(dict.fromkeys(forwarded_to)),
                harapan=tuple(dict.fromkeys(harapan)),
                note=note.strip(),
                disposed_by=work.user.user_id,
                disposed_at=work.at,
            )
            work.keep(
                disposisi, "disposed" if earlier is None else "disposed_again", to=[role.value for role in forwarded_to]
            )
            fulfil(work, request.activity_id, Fulfilment.DISPOSED, disposisi.thing_id)
            return disposisi

    def of(self, request_id: str) -> Disposisi | None:
        """Return the disposisi of a request, None while there is none."""
        with self._units.read() as unit:
            request = unit.repository(SuratPermohonan).get(request_id)
            found = unit.repository(Disposisi).of(request.activity_id)
            return next((d for d in found if d.request_id == request_id), None)


# The scans of a request as pages for the screen: who disposes of a letter reads it.

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class ScanPages:
    """Pages as PNG or JPEG, in their order, and the names of the scans of which none can be shown."""

    pages: tuple[bytes, ...]
    unreadable: tuple[str, ...]


class ReadScans:
    """Finds and draws them. `draw_pdf` returns the pages of a PDF, or raises `InputError`."""

    def __init__(
        self, units: UnitsOfWork, pictures: SamplePictures, draw_pdf: Callable[[bytes], tuple[bytes, ...]]
    ) -> None:
        self._units, self._pictures, self._draw_pdf = units, pictures, draw_pdf

    def of(self, request_id: str) -> Sequence[Attachment]:
        """Return the scans of a request, oldest first."""
        with self._units.read() as unit:
            return unit.attachments.of(request_id)

    def draw(self, scans: Sequence[Attachment]) -> ScanPages:
        """Draw scans; it takes a while and asks nothing of the store."""
        pages: list[bytes] = []
        unreadable: list[str] = []
        for scan in scans:
            try:
                pages += self._draw(scan)
            except (InputError, ValueError):
                unreadable.append(scan.name)
        return ScanPages(tuple(pages), tuple(unreadable))

    def _draw(self, scan: Attachment) -> tuple[bytes, ...]:
        if scan.media_type == PDF:
            return self._draw_pdf(scan.content)
        return (self._pictures.photo(scan.content, PAPER_PX),)


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
    perekaman: Perekaman | None = None  # None: as the SOP says


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
        begin_perekaman(work, activity_id, proposed.perekaman, profiles.get(proposed.sop))
        return activity_id
