"""Tell applicants how their application stands, and keep what they were told."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from fieldkit.domain.applications import Application, applicant_message
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.notices import BY_PROGRAM, Channel, Notice, NoticeSettings, share_link
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.ports.messenger import Messenger
from fieldkit.ports.store import Unit
from fieldkit.services.letters.keep_letterhead import KeepLetterhead
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.unit_of_work import UnitsOfWork

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
        if channel is Channel.EMAIL:
            if not who.email:
                raise InputError("told.no_address")
            self._messenger.mail(draft.settings, who.email, f"Permohonan {number}", draft.wording)
        else:
            if not who.phone:
                raise InputError("told.no_address")
            self._messenger.post(draft.settings, who.phone, number, draft.wording)

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
            return replace(settings_in(unit), smtp_secret="", webhook_secret="")

    def set_up(self, settings: NoticeSettings) -> None:
        """Send so from now on; an empty secret keeps the former one. Raise `InputError("told.wrong_port")`."""
        if settings.smtp_port not in _PORTS:
            raise InputError("told.wrong_port").at("smtp_port")
        with self._units.write(Permission.KEEP_PROFILE) as work:
            kept = settings_in(work.unit)
            changed = replace(
                settings,
                smtp_secret=settings.smtp_secret or kept.smtp_secret,
                webhook_secret=settings.webhook_secret or kept.webhook_secret,
            )
            work.unit.settings.put(_NAME, asdict(changed))
            work.note("notices_set_up", _NAME, channels=sorted(each.value for each in settings.channels))


def _all_told(unit: Unit, activity_id: str) -> bool:
    told = {each.about for each in unit.repository(Notice).of(activity_id)}
    return all(each.thing_id in told for each in unit.repository(Application).of(activity_id) if each.counts)


def settings_in(unit: Unit) -> NoticeSettings:
    """Return the settings within a transaction, secrets and all."""
    return NoticeSettings(**(unit.settings.get(_NAME) or {}))
