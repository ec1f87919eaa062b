"""Builds the services of office and field for the signed-in user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldkit.app.bootstrap.messenger import LaptopMessenger
from fieldkit.app.bootstrap.place import NoReceiver
from fieldkit.app.bootstrap.sarpras_parts import SarprasParts, open_sarpras
from fieldkit.app.bootstrap.signing_parts import LaptopBench
from fieldkit.app.bootstrap.sop_profiles import SopFolder
from fieldkit.domain.people.accounts import User
from fieldkit.domain.recording.biodata import CodeTables
from fieldkit.formats.application_exports import AppExports
from fieldkit.formats.bundle import BundleFiles
from fieldkit.formats.national_holidays import IndonesianHolidays
from fieldkit.formats.report_sheets import SpreadsheetReports
from fieldkit.formats.rules import is_known_region, load_tables
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.ports.authority import Credential
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.codec import NikKey
from fieldkit.ports.documents import Documents
from fieldkit.ports.exchange import BundleSeal
from fieldkit.ports.sop_profiles import SopProfiles
from fieldkit.ports.store import Store
from fieldkit.ports.surroundings import Whereabouts
from fieldkit.services.aid.follow_aid import FollowAid
from fieldkit.services.applications.enter_families import EnterFamilies
from fieldkit.services.applications.import_applications import ImportApplications
from fieldkit.services.applications.keep_papers import KeepPapers
from fieldkit.services.applications.notify import NotifyApplicants
from fieldkit.services.applications.serve_applications import ServeApplications
from fieldkit.services.cards.hand_over import HandOver
from fieldkit.services.cards.keep_blanks import KeepBlanks
from fieldkit.services.cards.number_registrations import Registrations
from fieldkit.services.cards.print_cards import PrintCards
from fieldkit.services.cards.run_queue import RunQueue
from fieldkit.services.cards.send_by_courier import SendByCourier
from fieldkit.services.context.list_duties import ListDuties
from fieldkit.services.context.office import Office
from fieldkit.services.exchange.exchange import BundleTools, Exchange
from fieldkit.services.exchange.settle_conflicts import SettleConflicts
from fieldkit.services.letters.archive_letters import Archive
from fieldkit.services.letters.ink_letters import InkLetters
from fieldkit.services.letters.keep_letterhead import KeepLetterhead
from fieldkit.services.letters.keep_signing import KeepSigning
from fieldkit.services.letters.official_forms import OfficialForms
from fieldkit.services.letters.sign_letters import SignLetters
from fieldkit.services.letters.write_letters import LetterTools, WriteLetters
from fieldkit.services.people.import_staff import ImportStaff
from fieldkit.services.people.keep_staff import KeepStaff
from fieldkit.services.people.read_kit import ReadKit
from fieldkit.services.planning.keep_calendar import KeepCalendar
from fieldkit.services.planning.keep_durations import KeepDurations
from fieldkit.services.planning.list_activities import ListActivities
from fieldkit.services.planning.plan_outreach import PlanOutreach
from fieldkit.services.reports.evaluate import Evaluate
from fieldkit.services.reports.make_reports import Reports, ReportTools
from fieldkit.services.sarpras.keep_inventory import KeepInventory
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
class OfficeParts:
    """What the services of the office are built from."""

    store: Store
    clock: Clock
    ids: Ids
    user: User
    kit_id: str
    documents: Documents
    dinas: Mapping[str, str]  # the profile that enrolment brought
    sarpras: SarprasParts
    nik_key: NikKey
    bundles: BundleSeal
    me: Credential
    sop: SopProfiles = field(default_factory=SopFolder)
    tables: CodeTables = field(default_factory=load_tables)
    places: Whereabouts = field(default_factory=NoReceiver)


def open_office(parts: OfficeParts) -> Office:
    """Build every service of the office."""
    units = UnitsOfWork(parts.store, parts.clock, parts.ids, parts.user)
    calendar = KeepCalendar(units, IndonesianHolidays())
    letterhead = KeepLetterhead(units, parts.dinas)
    letters = WriteLetters(units, LetterTools(parts.documents, letterhead, Archive(parts.kit_id)))
    bench = LaptopBench(parts.clock)
    serve = ServeApplications(units, letters, Registrations(parts.kit_id), calendar)
    printing = PrintCards(units, Registrations(parts.kit_id), letters)
    return Office(
        units=units,
        requests=RegisterRequest(units, parts.sop),
        scans=ReadScans(units, parts.sarpras.pictures, bench.pages),
        dispositions=Dispose(units),
        imports=ImportTargets(units, SpreadsheetFiles(), parts.nik_key, is_known_region),
        verification=VerifyTargets(units, SpreadsheetFiles()),
        niks=AddNik(units, parts.nik_key),
        activities=ListActivities(units),
        duties=ListDuties(units, ListActivities(units)),
        sop=RunSop(units, parts.sop),
        sop_documents=ReadDocument(units, parts.sop),
        letterhead=letterhead,
        letters=letters,
        forms=OfficialForms(units, letters, letterhead, parts.tables),
        inks=InkLetters(units, letters, parts.sarpras.signatures),
        signing=SignLetters(units, bench),
        signing_setup=KeepSigning(units, bench),
        calendar=calendar,
        staff=KeepStaff(units),
        staff_imports=ImportStaff(SpreadsheetFiles(), KeepStaff(units)),
        planning=PlanOutreach(units, calendar),
        durations=KeepDurations(units),
        clocks=RunClocks(units, calendar),
        inventory=KeepInventory(units),
        trips=RunTrips(units, parts.places),
        visits=RunVisits(units, parts.kit_id),
        asking=AskResidents(units),
        statuses=FollowStatuses(units),
        news=TellResidents(units, parts.documents, letterhead, letters),
        printing=printing,
        blanks=KeepBlanks(units, letters, parts.kit_id),
        queue=RunQueue(units, printing, letterhead),
        handover=HandOver(units, letters, SpreadsheetFiles()),
        courier=SendByCourier(units, letterhead),
        applications=serve,
        application_papers=KeepPapers(units),
        families=EnterFamilies(units, parts.tables, is_known_region),
        notices=NotifyApplicants(units, letterhead, LaptopMessenger()),
        application_imports=ImportApplications(units, AppExports(), serve),
        aid=FollowAid(units, SpreadsheetFiles()),
        evaluation=Evaluate(units, letters),
        reports=Reports(
            units,
            ListActivities(units),
            RunClocks(units, calendar),
            ReportTools(parts.documents, SpreadsheetReports(), letterhead, parts.kit_id),
        ),
        sarpras=open_sarpras(units, parts.clock, parts.sarpras, letters),
        kit=ReadKit(parts.kit_id, parts.dinas),
        exchange=Exchange(units, BundleTools(parts.kit_id, BundleFiles(), parts.bundles)),
        conflicts=SettleConflicts(units, parts.kit_id, parts.me),
    )
