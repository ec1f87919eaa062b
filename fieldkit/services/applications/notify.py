"""Tell applicants how their application stands, and keep what they were told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from fieldkit.domain.applications import FACTS, USUAL_ROLES, Application, ApplicationState, applicant_message
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.notices import BY_PROGRAM, Channel, Notice, NoticeSettings, share_link
from fieldkit.domain.people import Permission, Role
from fieldkit.domain.sop.profile import Fulfilment, SopActors, SopStep, roles_of
from fieldkit.domain.sop.run import Ending, SopRun
from fieldkit.ports.messages import Messenger
from fieldkit.ports.store import Unit
from fieldkit.services.letters.print_papers import KeepLetterhead
from fieldkit.services.sop.run_sop import fulfil, keep_run
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# What applications mean for the SOP of their activity, and whose act the SOP says each is.

# Who takes in and who hands over where no SOP of the activity says it.
_AT_BOTH_ENDS: Mapping[Fulfilment, tuple[Role, ...]] = {
    Fulfilment.APPLICATION_RECEIVED: (Role.LOKET, Role.PETUGAS_PEREKAMAN),
    Fulfilment.DOCUMENT_HANDED_OVER: (Role.LOKET,),
    Fulfilment.COURIER_TOLD: (Role.LOKET, Role.PETUGAS_PEREKAMAN, Role.OPERATOR_CETAK),
    Fulfilment.COURIER_DELIVERED: (Role.LOKET, Role.PETUGAS_PEREKAMAN),
}
_BY = {ApplicationState.DISETUJUI: ApplicationState.TTE}  # the approval and its signature are one step


def demand_role(work: UnitOfWork, application: Application, state: ApplicationState) -> None:
    """Raise `RuleError("application.not_yours")` unless the user's role brings an application into a state."""
    run = work.unit.repository(SopRun).find(application.activity_id)
    roles = doers(work.unit, run, application, FACTS[_BY.get(state, state)])
    if work.user.role not in roles:
        raise RuleError("application.not_yours", role=work.user.role.value)


def applications_moved(work: UnitOfWork, activity_id: str) -> None:
    """Tell what all applications of an activity have come through."""
    counted = [each for each in work.unit.repository(Application).of(activity_id) if each.counts]
    for state, fact in FACTS.items():
        if counted and all(each.goes_through(state) and each.has_reached(state) for each in counted):
            fulfil(work, activity_id, fact, counted[-1].thing_id)
    if counted and not any(each.lacks_photo for each in counted):
        fulfil(work, activity_id, Fulfilment.PHOTOS_TAKEN, counted[-1].thing_id)


def application_sent_back(work: UnitOfWork, application: Application) -> None:
    """Take the way back to the applicant that the SOP names for its check, while that is still open."""
    run = work.unit.repository(SopRun).find(application.activity_id)
    step = step_of(run, Fulfilment.APPLICATION_CHECKED)
    if run is None or step is None or step.no not in run.ready:
        return
    back = next((branch.when for branch in step.branches if branch.to < step.no), "")
    if back:
        ending = Ending(work.at, work.user.user_id, branch=back)
        keep_run(work, run.complete(step.no, ending), "sop_step_done", step=step.no, branch=back)


def doers(unit: Unit, run: SopRun | None, application: Application, fact: Fulfilment) -> tuple[Role, ...]:
    """Return who brings a fact of an application about, or writes down an outsider's: as the run's SOP says it."""
    step = step_of(run, fact)
    if run is not None and step is not None:
        told = roles_of(run.profile, step.no, unit.repository(SopActors).find(run.profile.sop_id))
        return (*told.roles, *told.recorded_by)
    usual = {FACTS[state]: roles for state, roles in USUAL_ROLES[application.service].items()}
    return {**_AT_BOTH_ENDS, **usual}[fact]


def step_of(run: SopRun | None, fact: Fulfilment) -> SopStep | None:
    """Return the step of a run that a fact completes."""
    steps = run.profile.steps if run else ()
    return next((step for step in steps if any(fact in group for group in step.fulfilled_by)), None)


_NAME = "notices"  # of the settings, in the encrypted store
_PORTS = range(1, 65_536)


@dataclass(frozen=True, slots=True)
class Draft:
    """What an applicant is to be told now, and the ways that are open for it."""

    application: Application
    wording: str
    settings: NoticeSettings
    link: str  # opens WhatsApp, "" without a mobile number
    qr: bytes
    notices: tuple[Notice, ...]  # told before, newest first


class NotifyApplicants:
    """Sends by the server of the dinas, or keeps what a person says that they sent."""

    def __init__(self, units: UnitsOfWork, letterhead: KeepLetterhead, messenger: Messenger) -> None:
        self._units, self._letterhead, self._messenger = units, letterhead, messenger

    def draft(self, application_id: str) -> Draft:
        """Return the message as it stands now. Raise `StoreError("store.not_found")`."""
        dinas = self._letterhead.read().dinas
        with self._units.read() as unit:
            application = unit.repository(Application).get(application_id)
            known = unit.repository(Notice).of(application.activity_id)
            settings = settings_in(unit)
        wording = applicant_message(dinas, application)
        link = share_link(application.applicant.phone, wording)
        qr = self._messenger.qr(link) if link else b""
        told = tuple(each for each in reversed(known) if each.about == application_id)
        return Draft(application, wording, settings, link, qr, told)

    def send(self, draft: Draft, channel: Channel) -> None:
        """Hand the message to the server. Raise `RuleError("told.not_set_up")`, `InputError("told.no_address")`,
        `TransferError`. Blocks; touches no store.
        """
        who, number = draft.application.applicant, draft.application.registration
        if channel not in draft.settings.channels:
            raise RuleError("told.not_set_up")
        if not who.email:
            raise InputError("told.no_address")
        self._messenger.mail(draft.settings, who.email, f"Permohonan {number}", draft.wording)

    def keep(self, draft: Draft, channel: Channel, wording: str = "") -> Notice:
        """Keep that it went out: a server took it, or the user says that they sent it.

        The notice of the activity's SOP is sent when everybody who applied was told.
        """
        who = draft.application.applicant
        to = who.email if channel is Channel.EMAIL else who.phone
        with self._units.write(Permission.SERVE_KK) as work:
            notice = Notice(
                thing_id=work.ids.new(),
                activity_id=draft.application.activity_id,
                about=draft.application.thing_id,
                channel=channel,
                to=to,
                wording=wording.strip() or draft.wording,
                at=work.at,
                by=work.user.user_id,
                is_sent=channel in BY_PROGRAM,
            )
            work.keep(notice, "applicant_told", about=notice.about, channel=channel.value, sent=notice.is_sent)
            if _all_told(work.unit, notice.activity_id):
                fulfil(work, notice.activity_id, Fulfilment.NOTICE_SENT, notice.thing_id)
            return notice

    def settings(self) -> NoticeSettings:
        """Return how this kit sends, without its secrets."""
        with self._units.read() as unit:
            return replace(settings_in(unit), smtp_secret="")

    def set_up(self, settings: NoticeSettings) -> None:
        """Send so from now on; an empty secret keeps the former one. Raise `InputError("told.wrong_port")`."""
        if settings.smtp_port not in _PORTS:
            raise InputError("told.wrong_port").at("smtp_port")
        with self._units.write(Permission.KEEP_PROFILE) as work:
            kept = settings_in(work.unit)
            changed = replace(settings, smtp_secret=settings.smtp_secret or kept.smtp_secret)
            work.unit.settings.put(_NAME, asdict(changed))
            work.note("notices_set_up", _NAME, channels=sorted(each.value for each in settings.channels))


def _all_told(unit: Unit, activity_id: str) -> bool:
    told = {each.about for each in unit.repository(Notice).of(activity_id)}
    return all(each.thing_id in told for each in unit.repository(Application).of(activity_id) if each.counts)


def settings_in(unit: Unit) -> NoticeSettings:
    """Return the settings within a transaction, secrets and all; the webhook of an older version is passed over."""
    stored = unit.settings.get(_NAME) or {}
    return NoticeSettings(
        **{field.name: stored[field.name] for field in fields(NoticeSettings) if field.name in stored}
    )
