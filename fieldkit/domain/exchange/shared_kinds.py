"""Which kinds of things the laptops of a team have in common, and which stay on their laptop."""

from __future__ import annotations

from fieldkit.domain.aid import AidCase, AidRound
from fieldkit.domain.applications import Application
from fieldkit.domain.cards.blanks import BlankEntry
from fieldkit.domain.cards.card import CardCase, Distribution, PrintFailure
from fieldkit.domain.cards.facts import CardFacts, ClockPause
from fieldkit.domain.cards.printing_day import QueueTicket
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.letters.letterhead import Letterhead
from fieldkit.domain.letters.signing import SigningTrail
from fieldkit.domain.notices import Notice
from fieldkit.domain.people.staff import Staff
from fieldkit.domain.planning.calendar import CalendarChoice, CalendarDay
from fieldkit.domain.planning.durations import Durations
from fieldkit.domain.planning.outreach import Activity, Target
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.planning.route import HouseSpot
from fieldkit.domain.reports.beside import IkdOffer, IkdTarget, SurveyAnswer
from fieldkit.domain.reports.evaluation import Evaluation
from fieldkit.domain.reports.tally import RecordingTally
from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut, DamageReport, RepairNote, SelfTestNote
from fieldkit.domain.sarpras.inventory import Consumable, SarprasItem, SarprasKit
from fieldkit.domain.sop.glance import SopGlance
from fieldkit.domain.sop.profile import SopActors
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.targets.identity import NikAdded
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan
from fieldkit.domain.targets.sheets import TargetList
from fieldkit.domain.things import Thing
from fieldkit.domain.visits import Trip, Visit

SHARED: tuple[type[Thing], ...] = (
    SuratPermohonan,
    Disposisi,
    TargetList,
    TargetNotes,
    NikAdded,
    Staff,
    HouseSpot,
    Plan,
    SopRun,
    Letter,
    SigningTrail,
    SarprasItem,
    Consumable,
    SarprasKit,
    CheckOut,
    CheckIn,
    DamageReport,
    RepairNote,
    SelfTestNote,
    Trip,
    Visit,
    RecordingTally,
    ClockPause,
    CardFacts,
    CardCase,
    Distribution,
    PrintFailure,
    BlankEntry,
    Application,
    Notice,
    AidCase,
    AidRound,
    Evaluation,
    IkdOffer,
    IkdTarget,
    SurveyAnswer,
)
"""What travels. A new kind stands here or below; a test asks."""

AT_HOME: tuple[type[Thing], ...] = (
    CalendarDay,
    CalendarChoice,
    Durations,
    Letterhead,
    SopActors,
    SopGlance,
    QueueTicket,
)
"""The profile of the dinas as an admin keeps it on each laptop, what is made anew from other things, and the numbers of
a waiting list, which are those of one laptop.
"""

# Not things, but they travel like them. Parts of others come after what they belong to.
ACTIVITY, TARGET, ATTACHMENT = "activity", "target", "attachment"
IN_ORDER: tuple[str, ...] = (ACTIVITY, TARGET, *(kind.KIND for kind in SHARED), ATTACHMENT)
VALUES: dict[str, type[Activity] | type[Target] | type[Thing]] = {
    ACTIVITY: Activity,
    TARGET: Target,
    **{kind.KIND: kind for kind in SHARED},
}
"""Kind → its class; the bytes of an attachment have none."""
