"""The services of office and field around the recordings: what lies on the desk beside the recording itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loaded when the desk is laid out
    from fieldkit.services.acts import Acts
    from fieldkit.services.dispose import Dispose
    from fieldkit.services.evaluate import Evaluate
    from fieldkit.services.exchange import Exchange
    from fieldkit.services.follow_aid import FollowAid
    from fieldkit.services.follow_statuses import FollowStatuses
    from fieldkit.services.hand_over import HandOver
    from fieldkit.services.import_targets import ImportTargets
    from fieldkit.services.keep_calendar import KeepCalendar
    from fieldkit.services.keep_efforts import KeepEfforts
    from fieldkit.services.keep_inventory import KeepInventory
    from fieldkit.services.keep_letterhead import KeepLetterhead
    from fieldkit.services.keep_signing import KeepSigning
    from fieldkit.services.keep_staff import KeepStaff
    from fieldkit.services.list_activities import ListActivities
    from fieldkit.services.list_duties import ListDuties
    from fieldkit.services.plan_outreach import PlanOutreach
    from fieldkit.services.print_cards import PrintCards
    from fieldkit.services.read_kit import ReadKit
    from fieldkit.services.register_request import RegisterRequest
    from fieldkit.services.reports import Reports
    from fieldkit.services.run_clocks import RunClocks
    from fieldkit.services.run_sop import RunSop
    from fieldkit.services.run_trips import RunTrips
    from fieldkit.services.run_visits import RunVisits
    from fieldkit.services.sarpras import Sarpras
    from fieldkit.services.send_by_courier import SendByCourier
    from fieldkit.services.serve_applications import ServeApplications
    from fieldkit.services.settle_conflicts import SettleConflicts
    from fieldkit.services.sign_letters import SignLetters
    from fieldkit.services.verify_targets import VerifyTargets
    from fieldkit.services.write_letters import WriteLetters


@dataclass(frozen=True, slots=True)
class Office:
    """One field per service, in the order of an SOP."""

    acts: Acts
    requests: RegisterRequest
    dispositions: Dispose
    imports: ImportTargets
    verification: VerifyTargets
    activities: ListActivities
    duties: ListDuties
    sop: RunSop
    calendar: KeepCalendar
    staff: KeepStaff
    planning: PlanOutreach
    efforts: KeepEfforts
    clocks: RunClocks
    letterhead: KeepLetterhead
    letters: WriteLetters
    signing: SignLetters
    signing_setup: KeepSigning
    inventory: KeepInventory
    sarpras: Sarpras
    kit: ReadKit
    trips: RunTrips
    visits: RunVisits
    statuses: FollowStatuses
    printing: PrintCards
    handover: HandOver
    courier: SendByCourier
    applications: ServeApplications
    aid: FollowAid
    evaluation: Evaluate
    reports: Reports
    exchange: Exchange
    conflicts: SettleConflicts
