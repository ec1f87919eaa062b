"""The services of office and field around the recordings: what lies on the context beside the recording itself."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.services.aid import FollowAid
from fieldkit.services.applications.begin_application import EnterFamilies, KeepPapers
from fieldkit.services.applications.import_applications import ImportApplications
from fieldkit.services.applications.notify import NotifyApplicants
from fieldkit.services.applications.serve_applications import ServeApplications
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.cards.hand_over import HandOver, SendByCourier
from fieldkit.services.cards.keep_blanks import KeepBlanks
from fieldkit.services.cards.print_cards import PrintCards, RunQueue
from fieldkit.services.exchange.exchange import Exchange
from fieldkit.services.exchange.settle_conflicts import SettleConflicts
from fieldkit.services.home import ListDuties
from fieldkit.services.letters.keep_signing import KeepSigning
from fieldkit.services.letters.official_forms import OfficialForms
from fieldkit.services.letters.print_papers import KeepLetterhead
from fieldkit.services.letters.sign_letters import SignLetters
from fieldkit.services.letters.write_letters import InkLetters, WriteLetters
from fieldkit.services.nik_lists import ListByNik
from fieldkit.services.people.keep_accounts import ReadKit
from fieldkit.services.people.keep_staff import ImportStaff, KeepStaff
from fieldkit.services.planning import KeepDurations, ListActivities, PlanOutreach
from fieldkit.services.reports.evaluate import Evaluate
from fieldkit.services.reports.make_reports import Reports
from fieldkit.services.sarpras.check_out_kit import Sarpras
from fieldkit.services.sarpras.keep_inventory import KeepInventory
from fieldkit.services.search import SearchEverything
from fieldkit.services.sop.run_sop import RunSop
from fieldkit.services.sop.view import ReadDocument
from fieldkit.services.status_lists import ImportStatuses
from fieldkit.services.statuses import FollowStatuses, RunClocks, TellResidents
from fieldkit.services.targets.import_targets import ImportTargets
from fieldkit.services.targets.register_request import AddNik, Dispose, ReadScans, RegisterRequest
from fieldkit.services.targets.verify_targets import VerifyTargets
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.services.visits.plan_visits import RunTrips
from fieldkit.services.visits.run_visits import AskResidents, RunVisits


@dataclass(frozen=True, slots=True)
class Office:
    """One field per service, in the order of an SOP. A service that is written here is built by its constructor."""

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
    status_lists: ImportStatuses
    nik_lists: ListByNik
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
    search: SearchEverything
