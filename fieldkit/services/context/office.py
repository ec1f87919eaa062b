"""The services of office and field around the recordings: what lies on the context beside the recording itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loaded when the context is laid out
    from fieldkit.services.aid.follow_aid import FollowAid
    from fieldkit.services.applications.enter_families import EnterFamilies
    from fieldkit.services.applications.import_applications import ImportApplications
    from fieldkit.services.applications.keep_papers import KeepPapers
    from fieldkit.services.applications.notify import NotifyApplicants
    from fieldkit.services.applications.serve_applications import ServeApplications
    from fieldkit.services.cards.hand_over import HandOver
    from fieldkit.services.cards.keep_blanks import KeepBlanks
    from fieldkit.services.cards.print_cards import PrintCards
    from fieldkit.services.cards.run_queue import RunQueue
    from fieldkit.services.cards.send_by_courier import SendByCourier
    from fieldkit.services.context.list_duties import ListDuties
    from fieldkit.services.exchange.exchange import Exchange
    from fieldkit.services.exchange.settle_conflicts import SettleConflicts
    from fieldkit.services.letters.ink_letters import InkLetters
    from fieldkit.services.letters.keep_letterhead import KeepLetterhead
    from fieldkit.services.letters.keep_signing import KeepSigning
    from fieldkit.services.letters.official_forms import OfficialForms
    from fieldkit.services.letters.sign_letters import SignLetters
    from fieldkit.services.letters.write_letters import WriteLetters
    from fieldkit.services.people.import_staff import ImportStaff
    from fieldkit.services.people.keep_staff import KeepStaff
    from fieldkit.services.people.read_kit import ReadKit
    from fieldkit.services.planning.keep_calendar import KeepCalendar
    from fieldkit.services.planning.keep_durations import KeepDurations
    from fieldkit.services.planning.list_activities import ListActivities
    from fieldkit.services.planning.plan_outreach import PlanOutreach
    from fieldkit.services.reports.evaluate import Evaluate
    from fieldkit.services.reports.make_reports import Reports
    from fieldkit.services.sarpras.keep_inventory import KeepInventory
    from fieldkit.services.sarpras.services import Sarpras
    from fieldkit.services.sop.read_document import ReadDocument
    from fieldkit.services.sop.run_sop import RunSop
    from fieldkit.services.statuses.follow_statuses import FollowStatuses
    from fieldkit.services.statuses.run_clocks import RunClocks
    from fieldkit.services.statuses.tell_residents import TellResidents
    from fieldkit.services.targets.add_nik import AddNik
    from fieldkit.services.targets.dispose import Dispose
    from fieldkit.services.targets.import_targets import ImportTargets
    from fieldkit.services.targets.read_scans import ReadScans
    from fieldkit.services.targets.register_request import RegisterRequest
    from fieldkit.services.targets.verify_targets import VerifyTargets
    from fieldkit.services.unit_of_work import UnitsOfWork
    from fieldkit.services.visits.ask_residents import AskResidents
    from fieldkit.services.visits.run_trips import RunTrips
    from fieldkit.services.visits.run_visits import RunVisits


@dataclass(frozen=True, slots=True)
class Office:
    """One field per service, in the order of an SOP."""

    units: UnitsOfWork
    requests: RegisterRequest
    scans: ReadScans
    dispositions: Dispose
    imports: ImportTargets
    verification: VerifyTargets
    niks: AddNik
    activities: ListActivities
    duties: ListDuties
    sop: RunSop
    sop_documents: ReadDocument
    calendar: KeepCalendar
    staff: KeepStaff
    staff_imports: ImportStaff
    planning: PlanOutreach
    durations: KeepDurations
    clocks: RunClocks
    letterhead: KeepLetterhead
    letters: WriteLetters
    forms: OfficialForms
    inks: InkLetters
    signing: SignLetters
    signing_setup: KeepSigning
    inventory: KeepInventory
    sarpras: Sarpras
    kit: ReadKit
    trips: RunTrips
    visits: RunVisits
    asking: AskResidents
    statuses: FollowStatuses
    news: TellResidents
    printing: PrintCards
    blanks: KeepBlanks
    queue: RunQueue
    handover: HandOver
    courier: SendByCourier
    applications: ServeApplications
    application_papers: KeepPapers
    families: EnterFamilies
    notices: NotifyApplicants
    application_imports: ImportApplications
    aid: FollowAid
    evaluation: Evaluate
    reports: Reports
    exchange: Exchange
    conflicts: SettleConflicts
