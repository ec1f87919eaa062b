from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.app_context import TARGETS, Kit
from support.clock import NOW

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.nik import Sex
from fieldkit.domain.planning.outreach import Target, TargetState, TargetVerdict
from fieldkit.domain.targets.requests import LegalCategory, TargetNotes
from fieldkit.domain.visits import Doors, Outcome, Visit
from fieldkit.services.visits.run_visits import DoorCall
from ui.presenters.parts import Tone
from ui.presenters.presenter import CatalogMessage, Message, message
from ui.presenters.visits.messages import (
    address,
    door_tags,
    house,
    last_words,
    minutes_tag,
    outcome_tag,
    person,
    remarks_of,
    told_before,
    too_young,
    warning_tags,
    warnings_of,
)

VISIT = Visit("v1", "a1", "t1", "u1", NOW, safety="takut seragam", note="demam", companion="Bu RT")
ENDED = replace(VISIT, ended_at=NOW + timedelta(minutes=31), outcome=Outcome.SAKIT, wants_revisit=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_words(language: str) -> None:
    messages = strict_catalogue(language)
    for outcome in Outcome:
        words = outcome_tag(replace(VISIT, outcome=outcome)).words
        assert isinstance(words, CatalogMessage)
        assert messages.text(words.key)


@pytest.mark.parametrize(
    ("visit", "standard", "words", "tone"),
    [
        (ENDED, 30, "field.minutes_over", Tone.CAUTION),
        (ENDED, 31, "field.minutes", Tone.GOOD),
        (VISIT, 30, "field.minutes_over", Tone.CAUTION),
        (VISIT, 31, "field.minutes", Tone.SOFT),
    ],
)
def test_a_visit_is_told_against_the_standard(visit: Visit, standard: int, words: str, tone: Tone) -> None:
    tag = minutes_tag(visit, NOW + timedelta(minutes=31), standard)
    assert (tag.words, tag.tone) == (message(words, count=31, standard=standard), tone)


def test_an_outcome_is_good_news_half_of_it_or_no_news() -> None:
    assert outcome_tag(VISIT).words == message("field.going_on")
    for wants_revisit, other in ((False, Tone.NEUTRAL), (True, Tone.CAUTION)):
        tones = {o: outcome_tag(replace(ENDED, outcome=o, wants_revisit=wants_revisit)).tone for o in Outcome}
        assert tones.pop(Outcome.DIREKAM) is tones.pop(Outcome.DIREKAM_RESMI) is Tone.GOOD
        assert tones.pop(Outcome.DIREKAM_DENGAN_PENGECUALIAN) is Tone.CAUTION
        assert set(tones.values()) == {other}


AGREED = replace(ENDED, revisit_on=date(2026, 11, 27))


@pytest.mark.parametrize(
    ("visit", "kind", "is_walk_in", "needs_escort", "tags"),
    [
        (None, Doors.OPEN, False, False, []),
        (None, Doors.AGAIN, False, False, []),
        (VISIT, Doors.OPEN, False, False, ["field.since"]),
        (ENDED, Doors.OPEN, False, False, []),
        (ENDED, Doors.AGAIN, False, False, []),
        (AGREED, Doors.AGAIN, False, False, ["field.again_on"]),
        (AGREED, Doors.OPEN, False, False, []),
        (None, Doors.OPEN, True, False, ["field.walk_in"]),
        (None, Doors.OPEN, False, True, ["field.escort"]),
    ],
)
def test_a_door_is_marked_by_what_is_special_about_it(
    visit: Visit | None, kind: Doors, is_walk_in: bool, needs_escort: bool, tags: list[str]
) -> None:
    call = DoorCall(1, replace(TARGETS[0], is_walk_in=is_walk_in), visit, needs_escort, frozenset({Doors.ALL, kind}))
    assert [getattr(tag.words, "key", "") for tag in door_tags(call, NOW)] == tags


def keys(words: Iterable[Message]) -> list[str]:
    return [each.key for each in words if isinstance(each, CatalogMessage)]


def test_the_last_visit_is_told_as_far_as_it_went() -> None:
    told = [keys(last_words(visit, lambda at: at)) for visit in (VISIT, ENDED, AGREED)]
    assert told == [
        ["field.visited_at"],
        ["field.visited_at", "field.outcome_sakit"],
        ["field.visited_at", "field.outcome_sakit", "field.again_on"],
    ]


def odd(target: Target) -> Target:
    """Return the target with a NIK that tells another sex."""
    return replace(target, biodata=replace(target.biodata, sex=Sex.MALE))


V = TargetVerdict
ADULT, YOUNG, CHILD = TARGETS[0], TARGETS[2], TARGETS[3]


@pytest.mark.parametrize(
    ("target", "verdict", "tags", "words"),
    [
        (ADULT, V.BELUM_DICEK, [], []),
        (ADULT, V.TERVERIFIKASI, ["verdict_siak.terverifikasi"], []),
        (ADULT, V.MENINGGAL, ["verdict_siak.meninggal"], ["sasaran.verdict_meninggal"]),
        (YOUNG, V.BELUM_DICEK, ["sasaran.card_from"], ["sasaran.card_from_long"]),
        (CHILD, V.BELUM_DICEK, ["sasaran.too_young"], ["sasaran.too_young_long"]),
        (odd(ADULT), V.BELUM_DICEK, ["sasaran.check_nik"], ["nik.other_sex"]),
        (
            odd(ADULT),
            V.PINDAH,
            ["sasaran.check_nik", "verdict_siak.pindah"],
            ["nik.other_sex", "sasaran.verdict_pindah"],
        ),
        (
            odd(ADULT),
            V.NIK_BERMASALAH,
            ["verdict_siak.nik_bermasalah"],
            ["nik.other_sex", "sasaran.verdict_nik_bermasalah"],
        ),
    ],
)
def test_what_stands_against_a_recording_is_told_short_and_long(
    idle: Kit, target: Target, verdict: TargetVerdict, tags: list[str], words: list[str]
) -> None:
    judged = replace(target, verdict=verdict)
    assert keys(tag.words for tag in warning_tags(judged, idle.context)) == tags
    assert keys(warnings_of(judged, idle.context)) == words
    assert bool(too_young(judged, idle.context)) is (target is CHILD)


NOTES = TargetNotes("t1", "a1", access="belakang masjid", contact="08xx", safety="bicara pelan")


@pytest.mark.parametrize(
    ("state", "reason", "notes", "words"),
    [
        (TargetState.PLANNED, "", None, []),
        (TargetState.PLANNED, "fled", None, []),
        (TargetState.POSTPONED, "", None, []),
        (TargetState.POSTPONED, "fled", None, ["end_reason.fled"]),
        (TargetState.PLANNED, "", TargetNotes("t1", "a1"), []),
        (TargetState.PLANNED, "", NOTES, ["catatan.told_safety", "catatan.told_access", "catatan.told_contact"]),
        (
            TargetState.PLANNED,
            "",
            TargetNotes("t1", "a1", legal=LegalCategory.ORANG_TERLANTAR),
            ["catatan.legal_orang_terlantar"],
        ),
    ],
)
def test_before_it_knocks_the_team_hears_why_it_was_put_off_and_what_was_noted(
    idle: Kit, state: TargetState, reason: str, notes: TargetNotes | None, words: list[str]
) -> None:
    target = replace(odd(ADULT), state=state, reason=reason)
    assert keys(told_before(target, notes, idle.context)) == ["nik.other_sex", *words]


def test_a_door_tells_nothing_private() -> None:
    target = replace(TARGETS[0], state=TargetState.POSTPONED, is_walk_in=True)
    visit = replace(ENDED, revisit_on=date(2026, 11, 27))
    tags = door_tags(DoorCall(1, target, visit, needs_escort=True, kinds=frozenset({Doors.AGAIN})), NOW)
    assert [tag.words for tag in tags] == [
        message("field.again_on", day="27-11-2026"),
        message("field.walk_in"),
        message("field.escort"),
    ]
    told = str((tags, last_words(visit, lambda at: at), remarks_of(visit)))
    assert "demam · Bu RT" in told
    assert "seragam" not in told


def lives_at(target: Target, rt: str, village: str) -> Target:
    who = target.biodata
    return replace(target, biodata=replace(who, address=replace(who.address, rt=rt, village=village)))


def test_a_person_is_named_in_full_and_the_nik_is_masked() -> None:
    column = person(lambda target: target)
    assert column.order is not None
    assert (column.cell(TARGETS[1]).words, column.cell(TARGETS[1]).detail) == ("KARTONO WIBOWO", "350512••••••••01")
    assert min(TARGETS, key=column.order).biodata.name == "DIMAS"


def test_houses_of_one_rt_stand_together() -> None:
    homes = [lives_at(TARGETS[0], "002", "JIMBE"), lives_at(TARGETS[1], "001", "JIMBE"), TARGETS[2]]
    column = address(lambda target: target)
    assert column.order is not None
    assert [home.biodata.address.rt for home in sorted(homes, key=column.order)] == ["001", "002", "003"]
    assert column.cell(homes[0]).detail == message("sasaran.place", rt="002", rw="001", village="JIMBE")


def test_houses_stand_in_the_order_of_the_visits() -> None:
    column = house(lambda target: target.house)
    titles = [column.title, house(lambda target: target.house, message("field.place_in_order")).title]
    assert titles == [message("sasaran.house"), message("field.place_in_order")]
    assert column.order is not None
    assert [column.cell(each).words for each in sorted(TARGETS, key=column.order)][:2] == ["1", "2"]
