"""Target lists and the search in them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from support.kept import NOW, activity, biodata, fill_queue, sealed, target

from fieldkit.domain.cards.card import CardCase, CardFacts, Document, Place, Printed
from fieldkit.domain.delivery import CentralStatus
from fieldkit.domain.errors import StoreError
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import (
    OutreachCount,
    ServiceCategory,
    Target,
    TargetFilter,
    TargetState,
    TargetVerdict,
)
from fieldkit.domain.planning.schedule import TO_VISIT
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.ports.repositories import Asked, Standing
from fieldkit.storage.store import SqlStore


@pytest.fixture
def listed(store: SqlStore) -> SqlStore:
    people = [
        biodata("Sulastri Handayani", "3275014708790003", "Jl. Melati 4"),
        biodata("Budi", "3275010101500001", "Gg. Sulaiman 2"),
        biodata("I Gede Putra", "5103010202600002", "Jl. Kenanga 9"),
    ]
    with store.write() as unit:
        unit.activities.save(activity("act-2"))
        unit.targets.save([target(number, who) for number, who in reversed(list(enumerate(people, 1)))])
        unit.targets.save([target(9, people[0], "act-2")])
    return store


@pytest.mark.parametrize(
    ("typed", "houses"),
    [
        ("", [1, 2, 3]),
        ("sul", [1, 2]),
        ("SULASTRI hand", [1]),
        ("32750147", [1]),
        ("3275", [1, 2]),
        ("jl kenanga", [3]),
        ("margahayu", [1, 2, 3]),
        ("lastri", []),
        ("*", [1, 2, 3]),
    ],
)
def test_every_word_is_a_beginning_of_name_nik_or_address(listed: SqlStore, typed: str, houses: list[int]) -> None:
    with listed.read() as unit:
        assert [found.house for found in unit.targets.search("act-1", typed)] == houses


def test_limit_keeps_the_first_houses(listed: SqlStore) -> None:
    with listed.read() as unit:
        assert [found.house for found in unit.targets.search("act-1", limit=2)] == [1, 2]


def test_corrected_target_is_found_by_its_new_name_only(listed: SqlStore) -> None:
    with listed.write() as unit:
        kept = unit.targets.get("target-2")
        unit.targets.save([replace(kept, biodata=replace(kept.biodata, name="Wayan"))])
    with listed.read() as unit:
        assert [found.target_id for found in unit.targets.search("act-1", "wayan")] == ["target-2"]
        assert unit.targets.search("act-1", "budi") == []


def test_mark_sets_state_and_reason(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.mark("target-1", TargetState.POSTPONED, "too_ill")
        with pytest.raises(StoreError) as caught:
            unit.targets.mark("nobody", TargetState.PLANNED)
    assert caught.value.code == "store.not_found"
    with listed.read() as unit:
        marked = unit.targets.get("target-1")
        assert (marked.state, marked.reason) == (TargetState.POSTPONED, "too_ill")
        assert unit.targets.get("target-2").state is TargetState.PLANNED


def test_filters_let_through_what_every_group_names(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.mark("target-1", TargetState.CANCELLED)
        unit.targets.judge(["target-2", "unknown"], TargetVerdict.TERVERIFIKASI)
    with listed.read() as unit:

        def houses(**wanted: object) -> list[int]:
            return [found.house for found in unit.targets.filtered("act-1", TargetFilter(**wanted))]

        assert houses() == [1, 2, 3]
        assert houses(states=(TargetState.PLANNED,)) == [2, 3]
        assert houses(verdicts=(TargetVerdict.TERVERIFIKASI,)) == [2]
        assert houses(states=(TargetState.CANCELLED,), verdicts=(TargetVerdict.TERVERIFIKASI,)) == []
        assert houses(text="sul", states=(TargetState.PLANNED,)) == [2]
        assert houses(categories=(ServiceCategory.ODGJ,)) == []
        assert unit.targets.tally("act-1") == {TargetVerdict.BELUM_DICEK: 2, TargetVerdict.TERVERIFIKASI: 1}
        assert (unit.targets.last_house("act-2"), unit.targets.last_house("nowhere")) == (9, 0)
        assert houses(states=(TargetState.PLANNED, TargetState.CANCELLED)) == [1, 2, 3]
        assert houses(verdicts=(TargetVerdict.TERVERIFIKASI, TargetVerdict.PINDAH)) == [2]


def test_a_word_that_many_have_finds_the_first_houses(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldkit.storage.repositories.targets._OFTEN", 5)
    with store.write() as unit:
        unit.targets.save([target(number, biodata(f"Sri {number}")) for number in range(20, 0, -1)])
    with store.read() as unit:
        assert [found.house for found in unit.targets.search("act-1", "sri", limit=7)] == list(range(1, 8))


def test_targets_of_all_lists_are_found_by_nik(listed: SqlStore) -> None:
    with listed.read() as unit:
        found = unit.targets.with_niks(["3275014708790003", "0000000000000000"])
    assert {(key.nik, key.activity_id) for key in found} == {
        ("3275014708790003", "act-1"),
        ("3275014708790003", "act-2"),
    }


def test_in_a_long_list_a_short_word_finds_the_rows_written_first(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.storage.repositories.targets._OFTEN", 5)
    monkeypatch.setattr("fieldkit.storage.repositories.targets._LONG", 5)
    with store.write() as unit:
        unit.activities.save(activity("act-2"))
        unit.activities.save(activity("act-3"))
        unit.targets.save([target(99, biodata("Sri lain"), "act-2")])
        unit.targets.save([target(100 + number, biodata(f"Sri {number}"), "act-3") for number in range(20, 0, -1)])
        unit.targets.save([target(200 + number, biodata(f"Ani {number}"), "act-3") for number in range(4, 0, -1)])
        unit.targets.save([target(number, biodata(f"Sri {number}")) for number in range(1, 21)])
        unit.activities.save(activity("act-4"))
        unit.targets.save([target(300 + number, biodata(f"Sri {number}"), "act-4") for number in (4, 3, 2, 1)])
    with store.read() as unit:
        assert [found.house for found in unit.targets.search("act-4", "sri", limit=2)] == [301, 302]  # a short list
        assert [found.house for found in unit.targets.search("act-3", "sri", limit=3)] == [118, 119, 120]
        assert [found.house for found in unit.targets.search("act-3", "ani", limit=3)] == [201, 202, 203]
        assert [found.house for found in unit.targets.search("act-1", "sri", limit=7)] == list(range(1, 8))
        assert [found.house for found in unit.targets.search("act-1", "sri")] == list(range(1, 21))


def test_counts_tell_state_and_category_of_one_activity(listed: SqlStore) -> None:
    with listed.read() as unit:
        found = unit.targets.search("act-1")
        counts = unit.targets.counts("act-1")
        assert counts.matching() == len(found) == 3
        for target in found:
            same = [each for each in found if (each.state, each.category) == (target.state, target.category)]
            assert counts.matching([target.state], [target.category]) == len(same)
        assert unit.targets.counts("nowhere").matching() == 0


def test_a_plan_reads_only_who_still_waits_and_what_it_needs_of_them(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.mark("target-1", TargetState.RECORDED)
        unit.targets.mark("target-2", TargetState.POSTPONED, "sakit")
        assert [line.house for line in unit.targets.lines("act-1", TO_VISIT)] == [2, 3]
        unit.targets.judge(["target-3"], TargetVerdict.MENINGGAL)
        unit.targets.judge(["target-2"], TargetVerdict.NIK_BERMASALAH)
        (waits,) = unit.targets.lines("act-1", TO_VISIT)
    assert (waits.target_id, waits.house, waits.category) == ("target-2", 2, ServiceCategory.LANSIA)
    assert (waits.name, waits.address.street) == ("Budi", "Gg. Sulaiman 2")


def test_a_line_says_what_its_target_says(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.save([replace(unit.targets.get("target-1"), is_walk_in=True)])
        unit.targets.mark("target-2", TargetState.POSTPONED, "sakit keras, di RS")
        unit.targets.judge(["target-3"], TargetVerdict.NIK_BERMASALAH)
        lines, whole = unit.targets.lines("act-1"), unit.targets.search("act-1")
        put_off = TargetFilter(states=(TargetState.POSTPONED,))
        assert [line.target_id for line in unit.targets.lines("act-1", put_off)] == ["target-2"]
        assert [line.house for line in unit.targets.lines("act-1", limit=2)] == [1, 2]
    assert [[getattr(line, each.name) for each in fields(Target)] for line in lines] == [
        [getattr(target, each.name) for each in fields(Target)] for target in whole
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lastri", [1]),
        ("0001", [2]),
        ("SUL", [1, 2]),
        ("budi sulaiman", [2]),
        ("margahayu 4", [1]),
        ("%", []),
        ("nobody", []),
    ],
)
def test_every_word_is_looked_for_anywhere(listed: SqlStore, typed: str, found: list[int]) -> None:
    with listed.read() as unit:
        assert unit.targets.matching("act-1", typed) == {f"target-{number}" for number in found}


def test_villages_stand_by_how_many_live_there(listed: SqlStore) -> None:
    with listed.write() as unit:
        someone = biodata("Budi", "3275010101500009", "Gg. Sulaiman 2")
        alone = replace(someone, address=replace(someone.address, village="Jimbe"))
        unit.targets.save([target(0, alone)])
        first, second = unit.targets.villages("act-1")
        assert (first.casefold(), second, unit.targets.villages("nowhere")) == ("margahayu", "Jimbe", [])


def test_people_are_read_by_their_ids(listed: SqlStore) -> None:
    with listed.read() as unit:
        people = unit.targets.with_ids(["target-2", "nobody"])
    assert {name: each.house for name, each in people.items()} == {"target-2": 2}


def test_newest_day_comes_first_and_saving_again_replaces(store: SqlStore) -> None:
    later, renamed = activity("act-2", date(2026, 12, 1)), replace(activity(), name="Jemput bola RW 07")
    with store.write() as unit:
        unit.activities.save(later)
        unit.activities.save(renamed)
        unit.activities.save(activity("act-0", date(2026, 1, 1)))
    with store.read() as unit:
        assert [a.activity_id for a in unit.activities.all()] == ["act-2", "act-1", "act-0"]
        assert unit.activities.get("act-1") == renamed
        with pytest.raises(StoreError) as caught:
            unit.activities.get("nowhere")
    assert (caught.value.code, caught.value.problem.params) == ("store.not_found", {"key": "nowhere"})


def test_empty_day_counts_nothing(store: SqlStore) -> None:
    with store.read() as unit:
        assert unit.activities.count("act-1") == OutreachCount(0, 0, 0, 0, 0, 0, None)


def test_card_counts_targets_and_what_is_not_acknowledged(store: SqlStore) -> None:
    states = [
        TargetState.PLANNED,
        TargetState.RECORDING,
        TargetState.RECORDED,
        TargetState.RECORDED,
        TargetState.RECORDED_WITH_EXCEPTION,
        TargetState.POSTPONED,
        TargetState.CANCELLED,
    ]
    with store.write() as unit:
        unit.activities.save(activity("act-2"))
        unit.targets.save([target(9, activity_id="act-2")])
        unit.targets.save(replace(target(number), state=state) for number, state in enumerate(states, 1))
    first, second, third = fill_queue(store, [1, 2, 3])
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'acknowledged' WHERE record_id = 'record-1'")
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'quarantined' WHERE record_id = 'record-3'")
        elsewhere = replace(sealed(4, unit.records.next_link()), activity_id="act-3")  # no target is left there
        unit.records.add(elsewhere)
    with store.read() as unit:
        count = unit.activities.count("act-1")
        assert unit.activities.count("act-3") == OutreachCount(0, 0, 0, 0, 0, 1, elsewhere.sealed_at)
        assert unit.activities.counts() == {name: unit.activities.count(name) for name in ("act-1", "act-2", "act-3")}
    assert count == OutreachCount(
        targets=7, recorded=3, with_exception=1, revisit=1, waiting=2, unsent=2, oldest_unsent_at=second.sealed_at
    )
    assert first.sealed_at < second.sealed_at < third.sealed_at
    assert second.sealed_at > NOW


def test_accounts_are_listed_by_name_and_replaced_by_id(store: SqlStore) -> None:
    with store.write() as unit:
        unit.save_user(User("u2", "Wati", Role.KETUA_TIM))
        unit.save_user(User("u1", "Agus", Role.PETUGAS_PEREKAMAN))
        unit.save_user(User("u2", "Wati", Role.KASI))
    with store.read() as unit:
        assert unit.users() == [User("u1", "Agus", Role.PETUGAS_PEREKAMAN), User("u2", "Wati", Role.KASI)]


TODAY, BIRTHDAY = date(2026, 11, 23), date(2027, 3, 12)
ASKED = Asked(TODAY, NOW - timedelta(days=3))
SILENT = Standing("", is_stuck=False, is_young=False, place="")


@pytest.fixture
def known(store: SqlStore) -> SqlStore:
    """Records 1 to 6: silent, amends 1, stuck, young and unique, unique and married, printed."""
    with store.write() as unit:
        for number, amends, gate in (
            *((1, "", None), (2, "record-1", None), (3, "", None)),
            *((4, "", BIRTHDAY), (5, "", BIRTHDAY), (6, "", None)),
        ):
            record = sealed(number, unit.records.next_link())
            unit.records.add(
                replace(record, amends=amends, card_from=gate, activity_id="act-2" if number == 6 else "act-1")
            )
            if number > 2:
                long_ago = CentralStatus("BIO_CAPTURED", "pusat", NOW - timedelta(days=9))
                unit.records.note_status(record.record_id, long_ago)
            # What else is known of a target is no fact about its card.
            unit.repository(TargetNotes).save(TargetNotes(record.target_id, "act-1"))
        unit.records.note_status("record-3", CentralStatus("SFE", "pusat", NOW - timedelta(days=3)))
        for number, code in ((4, "PRR"), (5, "PRINT_READY_RECORD"), (6, "PRINT_READY_RECORD")):
            unit.records.note_status(f"record-{number}", CentralStatus(code, "pusat", NOW - timedelta(days=1)))
        target_id = unit.records.get("record-5").record.target_id
        unit.repository(CardFacts).save(CardFacts(target_id, "act-1", married_on=TODAY))
        unit.repository(CardCase).save(
            CardCase(
                *("record-6", "act-2", Document.KTP_EL, "R-1", "SULASTRI", "3275", "Desa"),
                (Printed(NOW, "u1", "B-1"),),
                Place.DESA,
                "record-6",
            )
        )
    return store


def test_records_that_stand_alike_are_counted(known: SqlStore) -> None:
    with known.read() as unit:
        assert unit.standings.counts(ASKED) == {
            SILENT: 1,
            Standing("SFE", is_stuck=True, is_young=False, place=""): 1,
            Standing("PRR", is_stuck=False, is_young=True, place=""): 1,
            Standing("PRINT_READY_RECORD", is_stuck=False, is_young=False, place=""): 1,
            Standing("PRINT_READY_RECORD", is_stuck=False, is_young=False, place="desa"): 1,
        }
        assert sum(unit.standings.counts(replace(ASKED, activity_id="act-2")).values()) == 1


def test_a_card_with_its_owner_is_not_counted_any_more(known: SqlStore) -> None:
    with known.write() as unit:
        card = unit.repository(CardCase).get("record-6")
        unit.repository(CardCase).save(replace(card, place=Place.PERSON))
        assert sum(unit.standings.counts(replace(ASKED, activity_id="act-2")).values()) == 0
        assert len(unit.standings.lines(replace(ASKED, activity_id="act-2"))) == 1


def test_nothing_is_stuck_before_its_time_and_nobody_young_after_the_birthday(known: SqlStore) -> None:
    with known.read() as unit:
        later = unit.standings.counts(Asked(BIRTHDAY, NOW - timedelta(days=3, seconds=1)))
    assert not any(standing.is_stuck or standing.is_young for standing in later)


def test_only_who_was_sent_and_heard_nothing_is_stuck(store: SqlStore) -> None:
    said = (("BIO_CAPTURED", 9), ("SFE", 3), ("SENT_FOR_ENROLLMENT", 4), ("SFE", 2))
    with store.write() as unit:
        for number, (code, days) in enumerate(said):
            unit.records.add(sealed(number, unit.records.next_link()))
            unit.records.note_status(f"record-{number}", CentralStatus(code, "pusat", NOW - timedelta(days=days)))
        lines = unit.standings.lines(ASKED)
        assert [line.record_id for line in lines if line.standing.is_stuck] == ["record-2", "record-1"]
        assert [line.code_before for line in lines] == [""] * 4


@pytest.mark.parametrize(
    ("married_on", "gate"), [(None, BIRTHDAY), (TODAY, TODAY), (BIRTHDAY + timedelta(days=1), BIRTHDAY)]
)
def test_the_card_waits_for_the_birthday_or_an_earlier_marriage(
    known: SqlStore, married_on: date | None, gate: date
) -> None:
    with known.write() as unit:
        target_id = unit.records.get("record-5").record.target_id
        unit.repository(CardFacts).save(CardFacts(target_id, "act-1", married_on=married_on))
        lines = {line.record_id: line for line in unit.standings.lines(ASKED)}
    assert (lines["record-5"].card_from, lines["record-5"].standing.is_young) == (gate.isoformat(), gate > TODAY)


def test_the_longest_waiting_stands_first(known: SqlStore) -> None:
    with known.read() as unit:
        lines = unit.standings.lines(ASKED)
        assert [line.standing for line in lines if line.record_id == "record-2"] == [SILENT]
        assert "record-1" not in {line.record_id for line in lines}
        assert [line.since for line in lines] == sorted(line.since for line in lines)
        assert [line.record_id for line in unit.standings.lines(replace(ASKED, activity_id="act-2"))] == ["record-6"]


def test_who_has_no_card_is_found_by_the_last_word(known: SqlStore) -> None:
    with known.read() as unit:
        assert unit.standings.without_card(["PRR", "PRINT_READY_RECORD"]) == ["record-4", "record-5"]
        assert unit.standings.without_card(["BIO_CAPTURED"]) == []
        assert unit.standings.without_card(["PRINT_READY_RECORD"], "act-2") == []


def test_a_line_says_who_and_what_was_said(known: SqlStore) -> None:
    with known.read() as unit:
        lines = {line.record_id: line for line in unit.standings.lines(ASKED)}
        entry = unit.records.get("record-5")
    silent, married, young = lines["record-2"], lines["record-5"], lines["record-4"]
    assert (silent.source, silent.code_before, silent.card_from) == ("", "", "")
    assert (married.masked_name, married.masked_nik) == (entry.record.masked_name, entry.record.masked_nik)
    assert (married.source, married.code_before, married.standing.code) == (
        "pusat",
        "BIO_CAPTURED",
        entry.statuses[-1].code,
    )
    assert (married.card_from, young.card_from) == (TODAY.isoformat(), BIRTHDAY.isoformat())


def test_what_a_card_ended_long_ago_is_not_unfinished(known: SqlStore) -> None:
    with known.write() as unit:
        unit.records.note_status("record-3", CentralStatus("CARD_ISSUED", "pusat", NOW - timedelta(days=2)))
    with known.read() as unit:
        assert set(unit.standings.unfinished(["CARD_ISSUED"], NOW - timedelta(days=9))) == {
            *("record-2", "record-3", "record-4", "record-5", "record-6")
        }
        assert "record-3" in unit.standings.unfinished(["CARD_ISSUED"], NOW - timedelta(days=2))
        assert set(unit.standings.unfinished(["CARD_ISSUED"], NOW)) == {f"record-{n}" for n in (2, 4, 5, 6)}
        assert set(unit.standings.unfinished([], NOW + timedelta(seconds=1))) == {f"record-{n}" for n in (2, 3, 4, 5)}


@pytest.mark.parametrize("read", ["counts", "lines"])
def test_many_years_are_read_without_the_width_of_the_queue(known: SqlStore, read: str) -> None:
    """The plan names narrow indexes only: a scan of whole rows or bodies takes ten times as long."""
    plans = []

    def keep(_: object, __: object, statement: str, given: object, *___: object) -> None:
        plans.append((statement, given))

    with known.read() as unit:
        event.listen(unit.connection, "before_cursor_execute", keep)
        getattr(unit.standings, read)(ASKED)
        event.remove(unit.connection, "before_cursor_execute", keep)
        steps = [row[3] for row in unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {plans[0][0]}", plans[0][1])]
    scans = [step for step in steps if step.startswith("SCAN")]
    assert scans
    assert all("COVERING INDEX sealed_records_at_a_glance" in step or "things_of_cards" in step for step in scans)
    assert any("SEARCH things USING INDEX things_of_cards" in step for step in steps)
