"""A thousand rows with thirty kinds of mess: each row is accounted for, and nobody who is not ours is kept."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.app_context import TARGETS, TODAY, Kit
from support.plans import KASI

from fieldkit.domain.planning.outreach import Target
from fieldkit.domain.status_lists import RowMeaning, SeenStatuses
from fieldkit.services.status_lists import StatusDraft

M = RowMeaning
HEAD = ("NO", "NIK", "NAMA", "CURRENT_STATUS_CODE")
OURS, ROWS = 700, 1_000
Mess = tuple[str, Callable[[str, str], tuple[str, ...]], RowMeaning]


def nik_of(number: int) -> str:
    return f"350512{1 + number % 28:02}0{1 + number % 9}{50 + number % 40:02}{1 + number % 9998:04}"


# What is written, how (own NIK, a stranger's), and what it means.
MESS: tuple[Mess, ...] = (
    ("plain", lambda own, _: ("1", own, "A", "PRR"), M.NEW),
    ("formula", lambda own, _: ("1", f'="{own}"', "A", "PRR"), M.NEW),
    ("apostrophe", lambda own, _: ("1", f"'{own}", "A", "PRR"), M.NEW),
    ("blanks", lambda own, _: ("1", f"{own[:6]} {own[6:12]} {own[12:]}", "A", "PRR"), M.NEW),
    ("dots", lambda own, _: ("1", f"{own[:4]}.{own[4:8]}.{own[8:]}", "A", "PRR"), M.NEW),
    ("hard blank", lambda own, _: ("1", f"\u00a0{own}\u00a0", "A", "PRR"), M.NEW),
    ("unseen", lambda own, _: ("1", f"\u200b{own}", "A", "PRR"), M.NEW),
    ("words", lambda own, _: ("1", own, "A", "PRINT READY RECORD"), M.NEW),
    ("broken", lambda own, _: ("1", own, "A", "Sent for  Card-Printing"), M.NEW),
    ("padded", lambda own, _: ("1", own, "A", "CARD_PRINTED        "), M.NEW),
    ("other form", lambda own, _: ("1", own, "A", "BLM_RKM_KTP"), M.NEW),
    ("short form", lambda own, _: ("1", own, "A", "sfe"), M.NEW),
    ("stranger's word", lambda own, _: ("1", own, "A", "MENUNGGU_X7"), M.NEW),
    ("null", lambda own, _: ("1", own, "A", "NULL"), M.SILENT),
    ("stroke", lambda own, _: ("1", own, "A", "-"), M.SILENT),
    ("empty", lambda own, _: ("1", own, "A", ""), M.SILENT),
    ("not ours", lambda _, other: ("1", other, "ORANG LAIN", "PRR"), M.NOT_OURS),
    ("not ours, silent", lambda _, other: ("1", other, "ORANG LAIN", ""), M.NOT_OURS),
    ("cut", lambda own, _: ("1", own[:15], "A", "PRR"), M.REFUSED),
    ("scientific", lambda own, _: ("1", f"{own[0]}.{own[1:6]}E+15", "A", "PRR"), M.REFUSED),
    ("scientific with a comma", lambda own, _: ("1", f"{own[0]},{own[1:6]}E+15", "A", "PRR"), M.REFUSED),
    ("short", lambda own, _: ("1", own[:12], "A", "PRR"), M.REFUSED),
    ("long", lambda own, _: ("1", f"{own}7", "A", "PRR"), M.REFUSED),
    ("letters", lambda own, _: ("1", f"{own[:15]}O", "A", "PRR"), M.REFUSED),
    ("no day", lambda own, _: ("1", f"{own[:6]}99{own[8:]}", "A", "PRR"), M.REFUSED),
    ("no NIK", lambda own, _: ("1", "", "TANPA NIK", "PRR"), M.REFUSED),
    ("long status", lambda own, _: ("1", own, "A", "X" * 61), M.REFUSED),
    ("total", lambda own, _: ("Jumlah", "", "", "17"), M.SKIPPED),
    ("head again", lambda own, _: HEAD, M.SKIPPED),
    ("family", lambda own, _: ("No. KK : 3505120101200004 Alamat : KRAJAN", "", "", ""), M.SKIPPED),
)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with Kit(tmp_path_factory.mktemp("kit"), KASI) as kit:
        kit.plan(*(_target(number) for number in range(OURS)))
        yield kit


def _target(number: int) -> Target:
    from dataclasses import replace

    from fieldkit.domain.nik import Nik

    who = replace(TARGETS[0].biodata, nik=Nik(nik_of(number)))
    return replace(TARGETS[0], target_id=f"m{number}", house=number + 1, biodata=who)


def file_of(rows: list[tuple[str, ...]]) -> bytes:
    return "\n".join(
        ";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in (HEAD, *rows)
    ).encode()


def drafted(kit: Kit, rows: list[tuple[str, ...]], on: date = TODAY) -> StatusDraft:
    lists = kit.context.office.status_lists
    file = lists.read("siak.csv", file_of(rows))
    return lists.preview("", file, file.layout, on)


def store_text(kit: Kit) -> str:
    with kit.store.read() as unit:
        run = unit.connection.exec_driver_sql
        tables = run("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return "".join(repr(tuple(row)) for table in tables for row in run(f'SELECT * FROM "{table}"').all())


def test_a_thousand_rows_of_thirty_kinds_are_all_accounted_for(kit: Kit) -> None:
    assert len(MESS) == 30
    deal = random.Random(30)
    kinds = [MESS[at % len(MESS)] for at in range(ROWS)]
    deal.shuffle(kinds)
    own, other = iter(range(OURS)), iter(range(5_000, 9_000))
    rows, others = [], []
    for _, write, meaning in kinds:
        is_ours = meaning in (M.NEW, M.SILENT)
        stranger = nik_of(next(other))
        others.append(stranger)
        rows.append(write(nik_of(next(own)) if is_ours else stranger, stranger))
    began = time.process_time()
    draft = drafted(kit, rows)
    taken = kit.context.office.status_lists.take_over(draft)
    spent = time.process_time() - began
    print(f"processor: {spent:.2f} s")
    found = [row.meaning for row in draft.rows]
    wrong = Counter(name for (name, _, meant), is_ in zip(kinds, found[1:], strict=True) if meant is not is_)
    assert not wrong
    assert sum(draft.counts.values()) == ROWS + 1
    assert [row.number for row in draft.rows] == list(range(1, ROWS + 2))
    assert len(taken.noted) == draft.counts[M.NEW]
    kept = store_text(kit)
    assert nik_of(0) in kept
    assert not [nik for nik in others if nik in kept]
    assert "ORANG LAIN" not in kept
    kit.context.office.status_lists.take_back(taken.thing_id)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(MESS), st.integers(0, 12)), min_size=1, max_size=25))
def test_no_row_is_lost_none_half_kept_and_nobody_unknown_stored(kit: Kit, dealt: list[tuple[Mess, int]]) -> None:
    rows = [("1", nik_of(20), "A", "PRR")]
    rows += [write(nik_of(at), nik_of(5_000 + at)) for (_, write, _), at in dealt]
    draft = drafted(kit, rows)
    assert [row.number for row in draft.rows] == list(range(1, len(rows) + 2))
    assert sum(draft.counts.values()) == len(rows) + 1
    lists = kit.context.office.status_lists
    taken = lists.take_over(draft)
    new = {row.nik: row.code for row in draft.rows if row.meaning is M.NEW}
    with kit.store.read() as unit:
        seen = {each.thing_id: each.statuses for each in unit.repository(SeenStatuses).search()}
    targets = {nik_of(number): f"m{number}" for number in range(21)}
    assert {name: [said.code for said in told] for name, told in seen.items()} == {
        targets[nik]: [code] for nik, code in new.items()
    }
    assert all(nik not in store_text(kit) for nik in map(nik_of, range(5_000, 5_013)))
    lists.take_back(taken.thing_id)
    with kit.store.read() as unit:
        assert unit.repository(SeenStatuses).search() == []


def test_the_numbers_are_people_of_their_own(tmp_path: Path) -> None:
    assert len({nik_of(number) for number in (*range(OURS), *range(5_000, 9_000))}) == OURS + 4_000
