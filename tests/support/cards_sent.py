"""An office with printed documents, and the receipts that people give for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from support.app_context import TARGETS, Kit
from support.letters import office

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.cards.card import MarkKind
from fieldkit.domain.people import Role, User
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.sop.run import SopRun, StepState, begin_run
from fieldkit.formats.sop_profile import read_profile
from fieldkit.services.cards.hand_over import Received

PRINTER = User("u12", "Yoga Pratama", Role.OPERATOR_CETAK)
LOKET = User("u13", "Wahyu Utami", Role.LOKET)
PNG = b"\x89PNG\r\n\x1a\n" + b"goresan"
UNIQUE = ("SFE", "RECEIVED_AT_CENTRAL", "PRR")


def taken(receiver: str = "Sutrisno", **changes: object) -> Received:
    told = {"relation": "anak", "proof": "KTP-el", "kind": MarkKind.SIGNATURE, "mark": PNG} | changes
    return Received(receiver, **told)  # type: ignore[arg-type]


@cache
def sop(sop_id: str) -> SopProfile:
    """Return an SOP of the program, or the example beside them."""
    example = files("assets").joinpath("sop/contoh/kia_di_sekolah.yaml")
    known = (*own_profiles(), read_profile(example.read_bytes(), example.name))
    return next(profile for profile in known if profile.sop_id == sop_id)


def follow_sop(kit: Kit, sop_id: str) -> None:
    with kit.store.write() as unit:
        unit.repository(SopRun).save(begin_run(sop(sop_id), "a1", "u1", kit.clock.now()))


def steps(kit: Kit) -> Mapping[int, StepState]:
    with kit.store.read() as unit:
        run = unit.repository(SopRun).get("a1")
    return {step.no: run.state(step.no) for step in run.steps}


def print_shop(folder: Path, user: User = PRINTER, count: int = 2) -> tuple[Kit, list[str]]:
    """Return an office where so many of the targets are recorded and unique, and the ids of their records."""
    kit = office(folder, user)
    records = [kit.seal(number + 1, TARGETS[number]) for number in range(count)]
    for record in records:
        kit.apply(record, *UNIQUE)
    kit.clock.advance(hours=3)
    return kit, records


def sign_in(kit: Kit, folder: Path, user: User) -> Kit:
    """Return the context of another account over the same store."""
    at = kit.clock.at
    kit.store.close()
    other = Kit(folder, user)
    other.clock.at = at
    return other
