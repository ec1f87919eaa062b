"""Laptops of one team: each with its own encrypted store, keys of one dinas, and files to carry over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from support.clock import NOW, HandClock
from support.credentials import credential_of
from support.kept import KEY, MISINEM, activity, biodata
from support.sops import SMALL

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.cards.card import CardCase, Document, Printed
from fieldkit.domain.exchange import Watermark
from fieldkit.domain.people import Permission, Role, User
from fieldkit.domain.planning.outreach import ServiceCategory, Target
from fieldkit.domain.sarpras import Consumable, LaptopReading, Portion, SarprasItem, SarprasKind, SarprasKit
from fieldkit.domain.sop.profile import Fulfilment, SopProfile, SopStep
from fieldkit.domain.sop.run import begin_run
from fieldkit.formats.bundle import BundleFiles
from fieldkit.formats.signature import StrokeCodec
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.ports.vault import SigningKey
from fieldkit.quality.inspection import score_signature
from fieldkit.services.cards.hand_over import HandOver
from fieldkit.services.exchange.exchange import BundleTools, Exchange, TakenOver
from fieldkit.services.exchange.settle_conflicts import SettleConflicts
from fieldkit.services.letters.print_papers import Archive, KeepLetterhead
from fieldkit.services.letters.write_letters import LetterTools, WriteLetters
from fieldkit.services.sarpras.check_out_kit import CheckOutKit
from fieldkit.services.sarpras.lists import ListTools
from fieldkit.services.sop.run_sop import keep_run
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.services.visits.run_visits import RunVisits
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.vault import certificates
from fieldkit.vault.bundles import BundleSealer
from fieldkit.vault.certificates import create_ca, issue_kit, issue_petugas, make_csr

ACT = "act-1"
USERS = {
    "A": User("rina", "Rina Wulandari", Role.KETUA_TIM),
    "B": User("bagus", "Bagus Santoso", Role.KETUA_TIM),
    "C": User("dewi", "Dewi Lestari", Role.KETUA_TIM),
}
PROFILE: SopProfile = replace(
    SMALL,
    sop_id="lapangan",
    steps=(
        SopStep(1, "Menyiapkan", SMALL.steps[0].actors),
        SopStep(2, "Merekam", SMALL.steps[0].actors, fulfilled_by=((Fulfilment.RECORDED,),)),
        SopStep(3, "Membagikan", SMALL.steps[0].actors, fulfilled_by=((Fulfilment.CARDS_TO_DESA,),)),
        SopStep(4, "Menyerahkan", SMALL.steps[0].actors, fulfilled_by=((Fulfilment.CARDS_TO_PERSONS,),)),
    ),
)


@cache
def dinas() -> SigningKey:
    """Return the authority of the dinas to which the laptops belong."""
    return create_ca("Dinas Uji", NOW - timedelta(days=1))


@cache
def kit_key(kit: str, authority: SigningKey) -> SigningKey:
    """Return the one key of a kit."""
    private = certificates.new_private_key()
    return SigningKey(issue_kit(authority, make_csr(private), kit, NOW - timedelta(hours=1)), private)


@cache
@cache
def sealer(kit: str, user: User, authority: SigningKey | None = None) -> BundleSealer:
    """Return the seal of a kit and a person, certified by an authority."""
    authority = authority or dinas()
    person = certificates.new_private_key()
    since = NOW - timedelta(hours=1)
    return BundleSealer(
        kit_key(kit, authority),
        SigningKey(issue_petugas(authority, make_csr(person), user.user_id, user.name, user.role.value, since), person),
        [dinas().certificate_der],
    )


@dataclass
class Laptop:
    """One laptop with what a team does on it."""

    kit: str
    home: Path
    clock: HandClock
    user: User
    store: SqlStore = field(init=False)

    def __post_init__(self) -> None:
        ids = UuidV7(self.clock)
        self.store = open_store(self.home / "kit.db", KEY, self.kit, self.clock, ids)
        self.units = UnitsOfWork(self.store, self.clock, ids, self.user)
        with self.store.write() as unit:
            unit.save_user(self.user)
        letters = LetterTools(TypstLetters(), KeepLetterhead(self.units, {}), Archive(self.kit))
        self.visits = RunVisits(self.units, self.kit, HmacNikKey(self.kit.encode()))
        self.handover = HandOver(self.units, WriteLetters(self.units, letters), SpreadsheetFiles())
        tools = ListTools(lambda: LaptopReading(self.clock.now()), StrokeCodec(score_signature))
        self.out = CheckOutKit(self.units, tools, self.kit)
        self.seal = sealer(self.kit, self.user)
        self.exchange = Exchange(self.units, BundleTools(self.kit, BundleFiles(), self.seal))
        self.conflicts = SettleConflicts(self.units, self.kit, credential_of(dinas(), self.user))

    def tell(self, *others: Laptop, for_new: bool = False) -> Sequence[TakenOver]:
        """Carry a file to others."""
        made = self.exchange.make(for_new)
        return [other.exchange.take(made.content, made.code) for other in others]

    def take_masks(self, count: int) -> None:
        """Take something that is used up from the stock."""
        with self.units.write(Permission.CHECK_SARPRAS) as work:
            kept = work.unit.repository(Consumable).get("masker")
            work.keep(replace(kept, stock=kept.stock - count), "sarpras_stock", by=-count)

    @property
    def masks(self) -> int:
        with self.store.read() as unit:
            return unit.repository(Consumable).get("masker").stock

    def state(self) -> dict[tuple[str, str], set[str]]:
        """Return what stands of every thing, by its digests."""
        with self.store.write() as unit:
            unit.revisions.catch_up(self.clock.now())
            found: dict[tuple[str, str], set[str]] = {}
            for each in unit.revisions.since(Watermark()):
                found.setdefault((each.kind, each.thing_id), set()).add(each.digest)
            return found

    def shown(self) -> dict[str, list[str]]:
        """Return what the screens show, row by row."""
        queries = {
            "targets": "SELECT target_id, state, reason, verdict, biodata FROM targets ORDER BY target_id",
            "things": "SELECT kind, thing_id, body FROM things WHERE kind != 'self_test_note' ORDER BY kind, thing_id",
            "attachments": "SELECT attachment_id, owner, sha256 FROM attachments ORDER BY attachment_id",
        }
        with self.store.read() as unit:
            return {
                name: [repr(tuple(row)) for row in unit.connection.exec_driver_sql(query)]
                for name, query in queries.items()
            }


def fill(laptop: Laptop, people: int = 4) -> None:
    """Plan an activity with people, documents, two kits of sarpras and its SOP."""
    with laptop.units.write(Permission.RECORD) as work:
        unit = work.unit
        unit.activities.save(activity(ACT))
        named = [replace(MISINEM, name=f"WARGA {n}", nik=biodata().nik) for n in range(people)]
        unit.targets.save(Target(f"t-{n}", ACT, n + 1, who, ServiceCategory.LANSIA) for n, who in enumerate(named))
        for n in range(people):
            card = CardCase(
                f"card-{n}",
                ACT,
                Document.KTP_EL,
                f"R{n}",
                f"WARGA {n}",
                "350512••••••••03",
                "JIMBE",
                (Printed(work.at, laptop.user.user_id, "B1"),),
            )
            work.keep(card, "card_printed")
        for n in range(2):
            unit.repository(SarprasItem).save(SarprasItem(f"item-{n}", SarprasKind.PRINTER, f"Pencetak {n}"))
            unit.repository(SarprasKit).save(
                SarprasKit(f"kit-{n}", f"Kit {n}", (f"item-{n}",), (Portion("masker", 20),))
            )
        unit.repository(Consumable).save(Consumable("masker", "Masker", "lembar", 100, 20))
        keep_run(work, begin_run(PROFILE, ACT, laptop.user.user_id, work.at), "sop_begun")


def team(home: Path, names: str = "AB") -> list[Laptop]:
    """Return laptops that all met each other and know the activity, which the first planned."""
    laptops = [opened(home, name) for name in names]
    fill(laptops[0])
    for one in laptops:
        one.tell(*(other for other in laptops if other is not one), for_new=True)
    return laptops


def opened(home: Path, name: str) -> Laptop:
    """Return a laptop as its folder has it."""
    return Laptop(f"KIT-{name}", home / name, HandClock(), USERS[name])
