"""How long Beranda, and what stands behind its numbers, takes in a dinas with years of records."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.activities import add_activity
from support.again import NikByRote
from support.app_context import TODAY, Kit
from support.letters import office
from support.stopwatch import timed
from support.tasks import SameThread, Steps
from support.whole_office import PEOPLE, settle_people

from fieldkit.app.bootstrap.catalogue import LANGUAGES, field_catalogue
from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.delivery import SealedRecord
from fieldkit.domain.people import Role
from fieldkit.domain.recording.record import ChainLink
from fieldkit.storage.mappers import record_values
from fieldkit.storage.tables import central_statuses, sealed_records
from tests.benchmarks.goals import BERANDA_MS
from ui.presenters.home.home import HomePresenter
from ui.presenters.parts import Stage
from ui.runtime.theme import Catalog, Theme, ThemeContext
from ui.views.home.home import HomeView

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ACTIVITIES, RECORDS, CARDS = 300, 10_000, 9_500
MOST_LIST_MS = {"worklist": 120.0, "print_list": 50.0, "clocks": 100.0, "queue": 100.0}
TURNS = 5
WAY = ("BIO_CAPTURED", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
_NIKS = NikByRote()


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """An office of which most records got their card; 9 of 500 still wait for one thing or another."""
    kit = office(tmp_path_factory.mktemp("years"))
    settle_people(kit)
    profiles = own_profiles()
    for number in range(ACTIVITIES):
        add_activity(
            kit, f"Desa {number}", profiles[number % len(profiles)], TODAY - timedelta(days=number), number % 5
        )
    records = [_record(kit, number) for number in range(RECORDS)]
    said = [
        {
            "record_id": record.record_id,
            "code": code,
            "source": "uji coba",
            "observed_at": record.sealed_at + timedelta(hours=at + 1),
            "reason": "",
            "verdict": "valid",
        }
        for number, record in enumerate(records)
        for at, code in enumerate(_said(number))
    ]
    with kit.store.write() as unit:
        unit.connection.execute(sealed_records.insert(), [record_values(record) for record in records])
        unit.connection.execute(central_statuses.insert(), said)
        unit.repository(CardCase).save_all(
            CardCase(
                record.record_id,
                record.activity_id,
                Document.KTP_EL,
                f"R-{number:05}",
                record.masked_name,
                record.masked_nik,
                record.place,
                (Printed(record.sealed_at + timedelta(days=3), "u1", "B-1"),),
                Place.PERSON if number % 10 else Place.DINAS,
                record.record_id,
            )
            for number, record in enumerate(records[:CARDS])
        )
    yield kit
    kit.store.close()


def _record(kit: Kit, number: int) -> SealedRecord:
    return SealedRecord(
        record_id=f"0198-{number:05}",
        session_id=f"session-{number}",
        activity_id=f"Desa {number % ACTIVITIES}",
        target_id=f"target-{number}",
        link=ChainLink("years", number + 1, ""),
        sealed_at=kit.clock.now() - timedelta(hours=RECORDS - number),
        size_bytes=1_800_000,
        sha256=f"{number:064x}",
        manifest_jws="m" * 1200,
        masked_name=f"PENDUDUK {number}",
        masked_nik="350512••••••0001",
        nik_digest=_NIKS.digest(f"{number:016}"),
        place=f"Desa {number % ACTIVITIES}",
        card_from=date(2027, 3, 12) if number % 50 == 0 else None,
        exceptions=0,
    )


def _said(number: int) -> tuple[str, ...]:
    if number < CARDS or number % 20 == 0:
        return WAY
    if number % 20 == 1:
        return (*WAY[:3], "DUPLICATE_RECORD")
    return WAY[: number % 3]


@pytest.mark.parametrize("role", list(Role))
def test_beranda_of_every_role_stands_at_once(
    qapp: QApplication, qtbot: QtBot, kit: Kit, role: Role, capsys: pytest.CaptureFixture[str]
) -> None:
    theming = ThemeContext(Theme(qapp), Catalog({language: field_catalogue(language) for language in LANGUAGES}))
    context = kit.context_of(PEOPLE[role])

    def opened() -> HomePresenter:
        presenter = HomePresenter(context, SameThread(), Steps())
        view = HomeView(theming, presenter)
        qtbot.addWidget(view)
        presenter.listen(view.render)
        view.resize(1366, 636)
        presenter.start()
        view.show()
        QApplication.processEvents()
        assert presenter.state.stage is Stage.CONTENT
        return presenter

    took = _median(opened)
    with capsys.disabled():
        print(f"\n  Beranda of {role.value} with {RECORDS:,} records and {ACTIVITIES} activities: {took:.0f} ms")
    assert took <= BERANDA_MS


@pytest.mark.parametrize("name", MOST_LIST_MS)
def test_what_the_numbers_lead_to_is_read_while_a_screen_opens(
    kit: Kit, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = kit.context.office
    reads: dict[str, Callable[[], object]] = {
        "worklist": office.statuses.worklist,
        "print_list": office.printing.print_list,
        "clocks": office.clocks.all,
        "queue": kit.context.delivery.queue,
    }
    took = _median(reads[name])
    with capsys.disabled():
        print(f"\n  {name} over {RECORDS:,} records: {took:.0f} ms")
    assert took <= MOST_LIST_MS[name]


def _median(work: Callable[[], object]) -> float:
    """Return what the work takes when its libraries are there."""
    return statistics.median([timed(work).real * 1000 for _ in range(TURNS + 1)][1:])
