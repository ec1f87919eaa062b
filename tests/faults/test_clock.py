"""The clock jumps between and during recording, sealing and sending; nothing is lost, doubled or refused later.

The harness must notice a kit that seals by whatever the clock says: that bug is planted and has to be caught.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from support.clock import HandClock, true_clock
from support.homes import PASSPHRASE, Nobody, Office, Repository, open_office, planned
from support.kept import biodata
from support.planted import PlantedBug, demand_caught, demand_quiet
from support.room import PETUGAS

from fieldkit.app.bootstrap.clock import CorrectedClock
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import RuleError
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.delivery.keep_time import KeepTime

DAY = timedelta(days=1)
JUMPS = {
    "-3 d": -3 * DAY,
    "1970": datetime(1970, 1, 2, tzinfo=UTC) - datetime.now(UTC),
    "+5 y": 5 * 366 * DAY,
    "-1 h": timedelta(hours=-1),
    "+1 h": timedelta(hours=1),
}
POINTS = ("sign-in", "record", "seal", "send")
BELIEVES = PlantedBug("seals by whatever the clock says", "^seal: sealed at ")


@dataclass
class Outcome:
    """What went wrong, in words; and what was counted."""

    faults: list[str] = field(default_factory=list)
    sealed: int = 0
    acknowledged: int = 0
    refused: int = 0


class Nemesis:
    """A kit whose laptop's clock is moved while its petugas knows the true time from a phone."""

    def __init__(self, home: Home, truth: HandClock) -> None:
        self.home, self.truth = home, truth
        self.laptop = HandClock(truth.at, boot="b1")
        self.outcome = Outcome()
        self._starts = 1

    def pass_time(self) -> None:
        """Let as much time pass as did: the data center goes by the real clock."""
        passed = (datetime.now(UTC) - self.truth.at).total_seconds()
        self.truth.advance(seconds=passed)
        self.laptop.advance(seconds=passed)

    def start_anew(self) -> None:
        self._starts += 1
        self.laptop.boot, self.laptop.ran_s = f"b{self._starts}", 0.0

    @contextmanager
    def signed_in(self) -> Iterator[AppContext]:
        clock = CorrectedClock(self.laptop, self.home.clock().correction, self.laptop.running)
        kit = LockedKit(self.home, Repository(), clock)
        try:
            yield kit.unlock(PETUGAS.user_id, PASSPHRASE)
        finally:
            kit.leave()

    def mend(self, context: AppContext) -> None:
        """Do what the screen asks for: type the time of the phone, with a reason."""
        context.time.correct(self.truth.now(), "dilihat dari telepon")

    def person(self, house: int, nik: str, jump: timedelta, point: str) -> None:
        """Record, seal and send one person, with the clock jumping at one point."""

        def jump_at(here: str) -> None:
            if here == point:
                self.laptop.at += jump

        self.pass_time()
        self.start_anew()
        jump_at("sign-in")
        with self.signed_in() as context:
            if not context.time.verdict().may_seal(context.time.rule):
                self.outcome.refused += 1
                self.mend(context)
            session_id = planned(context, biodata(nik=nik), house, during=lambda: jump_at("record"))
            jump_at("seal")
            try:
                entry = context.sealing.seal(session_id)
            except RuleError as error:
                if not error.code.startswith("seal."):
                    raise
                self.outcome.refused += 1
                self.mend(context)
                entry = context.sealing.seal(session_id)
            self.outcome.sealed += 1
            if abs(entry.record.sealed_at - self.truth.now()) > DAY:
                self.outcome.faults.append(f"{point}: sealed at {entry.record.sealed_at}")
            self.pass_time()
            jump_at("send")
            context.delivery.send(Nobody(), Nobody())
        # The office sets the laptop right; the next sync ends a correction.
        self.laptop.at = self.truth.at
        with self.signed_in() as context:
            context.delivery.send(Nobody(), Nobody())
            if not context.time.verdict().is_fine:
                self.outcome.faults.append(f"{point}: the true clock is doubted")
            if context.clock.correction:  # type: ignore[attr-defined]  # the clock of a kit
                self.outcome.faults.append(f"{point}: a correction stayed")

    def conclude(self) -> Outcome:
        """Wait for the verdicts, and count both sides."""
        with self.signed_in() as context:
            for _ in range(200):
                context.delivery.send(Nobody(), Nobody())
                entries = context.delivery.queue().entries
                if all(entry.central is not None for entry in entries):
                    break
            for entry in entries:
                if entry.state is DeliveryState.ACKNOWLEDGED:
                    self.outcome.acknowledged += 1
                if entry.central is None or "REJECT" in entry.central.code.upper():
                    self.outcome.faults.append(f"{entry.record.record_id}: {entry.central}")
            with context.audit._store.read() as unit:
                ids = [event.event_id for event in unit.events.all()]
            if ids != sorted(set(ids)) or any(UUID(one).version != 7 for one in ids):
                self.outcome.faults.append("ids do not grow")
            self.outcome.faults += [f"audit: {fault}" for fault in context.audit.report().faults]
        return self.outcome


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path / "gateway") as made:
        yield made


def sweep(office: Office, folder: Path, jumps: Sequence[timedelta], points: Sequence[str]) -> Outcome:
    nemesis = Nemesis(office.kit(folder / "kit", PETUGAS), true_clock())
    house = 0
    for jump in jumps:
        for point in points:
            house += 1
            nemesis.person(house, f"327501470879{house:04d}", jump, point)
    return nemesis.conclude()


def test_a_clock_that_jumps_costs_nothing(office: Office, tmp_path: Path) -> None:
    outcome = sweep(office, tmp_path, [JUMPS["-3 d"], JUMPS["+5 y"]], ("seal", "sign-in"))
    assert outcome.faults == []
    assert (outcome.sealed, outcome.acknowledged) == (4, 4)
    assert outcome.refused >= 4


@pytest.mark.faults
def test_every_jump_at_every_point_costs_nothing(office: Office, tmp_path: Path) -> None:
    outcome = sweep(office, tmp_path, list(JUMPS.values()), POINTS)
    assert outcome.faults == []
    assert outcome.sealed == outcome.acknowledged == len(JUMPS) * len(POINTS)


@pytest.mark.days
def test_a_kit_that_believes_its_clock_is_caught(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeepTime, "demand_seal", lambda *_, **__: None)
    demand_quiet(sweep(office, tmp_path / "quiet", [timedelta(0)], ("seal",)).faults, BELIEVES)
    demand_caught(sweep(office, tmp_path, [JUMPS["+5 y"]], ("seal",)).faults, BELIEVES)
