from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import KASI, furnish, plan

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.planning.outreach import Spot
from fieldkit.domain.planning.schedule import Conflict, ConflictKind
from fieldkit.services.planning import PlanBasis
from ui.presenters.parts import Tag, Tone
from ui.presenters.planning.plan import (
    OFFICE,
    conflict_words,
    crew_choices,
    kit_lines,
    numbers_of,
    route_lines,
    state_tag,
    team_lines,
    unqualified,
)
from ui.presenters.presenter import CatalogMessage, message
from ui.runtime.theme import Catalog

THURSDAY = date(2026, 12, 3)


@pytest.fixture
def basis(tmp_path: Path) -> Iterator[PlanBasis]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    yield kit.context.office.planning.basis("a1")
    kit.store.close()


@pytest.mark.parametrize("kind", list(ConflictKind))
def test_every_conflict_is_a_sentence_in_every_language(basis: PlanBasis, kind: ConflictKind) -> None:
    words = conflict_words(basis, Conflict(kind, THURSDAY, "k1", "a2", 3, 1))
    catalog = Catalog({language: strict_catalogue(language) for language in LANGUAGES})
    for language in LANGUAGES:
        catalog.choose(language)
        assert "{" not in catalog.say(words)


def test_conflicts_call_people_kits_and_activities_by_name(basis: PlanBasis) -> None:
    other = "Jemput bola Desa Plumpungrejo"
    taken = {"day": "03-12-2026", "subject": "Kit 07", "other": other}
    told = conflict_words(basis, Conflict(ConflictKind.KIT_TAKEN, THURSDAY, "k1", "a2"))
    assert (told.key, told.params) == ("rencana.kit_taken", told.params | taken)
    gone = {"subject": "Rina Wulandari", "other": "gone"}
    told = conflict_words(basis, Conflict(ConflictKind.PERSON_TAKEN, THURSDAY, "s2", "gone"))
    assert (told.key, told.params) == ("rencana.person_taken", told.params | gone)
    told = conflict_words(basis, Conflict(ConflictKind.VEHICLE_TAKEN, THURSDAY, "AG 1 X", "a2"))
    assert (told.params["subject"], told.params["day"], told.params["year"]) == ("AG 1 X", "03-12-2026", 2026)
    told = conflict_words(basis, Conflict(ConflictKind.KIT_TAKEN, None, "gone", "a2"))
    assert (told.params["subject"], told.params["day"], told.params["year"]) == ("?", "", 0)


def test_the_facts_name_the_hardest_first_and_warn_when_days_are_missing(basis: PlanBasis) -> None:
    draft = plan("a1", THURSDAY)
    numbers = numbers_of(basis, draft, basis.estimate(draft))
    assert numbers[0].label == message("category.odgj")
    days = numbers[-1]
    assert (days.label, days.value, days.tone) == (message("rencana.days_needed"), "1", Tone.NEUTRAL)
    far = replace(draft, way_minutes=200)
    assert numbers_of(basis, far, basis.estimate(far))[-1].tone is Tone.BAD
    two = replace(draft, days=(THURSDAY, date(2026, 12, 4)))
    assert numbers_of(basis, two, basis.estimate(two))[-1].tone is Tone.NEUTRAL


def test_the_length_of_the_route_stands_there_once_spots_are_known(basis: PlanBasis) -> None:
    draft = basis.refreshed(plan("a1", THURSDAY))
    known = replace(basis, spots={"t1": Spot(-8.1, 112.1), "t2": Spot(-8.2, 112.1)})
    last = numbers_of(known, draft, known.estimate(draft))[-1]
    assert (last.value, last.label) == ("11,1 km", message("rencana.km"))


def test_who_is_not_in_the_team_may_be_picked(basis: PlanBasis) -> None:
    others = crew_choices(basis, plan("a1", THURSDAY, team=("s4", "s2")))
    assert [(choice.name, choice.detail) for choice in others] == [("s3", "Pengemudi"), ("s1", "Ketua tim")]


def test_the_team_stands_first_and_its_leader_is_marked(basis: PlanBasis) -> None:
    lines = team_lines(basis, plan("a1", THURSDAY, team=("s4", "s2")))
    assert [(line.name, line.is_on) for line in lines] == [("s4", True), ("s2", True), ("s3", False), ("s1", False)]
    assert lines[0].tag is not None
    assert [line.tag for line in lines[1:]] == [None] * 3
    assert [line.is_on for line in kit_lines(basis, plan("a1", THURSDAY))] == [True, False]
    assert {line.tag for line in team_lines(basis, plan("a1", THURSDAY, team=()))} == {None}


def test_a_house_is_drawn_up_when_it_is_seen_and_only_a_change_counts_as_one(basis: PlanBasis) -> None:
    draft = basis.refreshed(plan("a1", THURSDAY))
    lines, again = (route_lines(basis, draft, basis.estimate(draft)) for _ in range(2))
    assert lines == again
    assert lines[1:3] == (lines[1], lines[2])
    with pytest.raises(IndexError):
        lines[8]
    located = replace(basis, spots={"t1": Spot(-8.1, 112.2)})
    assert route_lines(located, draft, basis.estimate(draft)) != lines
    moved = replace(draft, route=("t2", "t1"))
    assert route_lines(basis, moved, basis.estimate(moved)) != lines


def test_a_house_without_coordinates_tells_its_street(basis: PlanBasis) -> None:
    draft = basis.refreshed(plan("a1", THURSDAY))
    known = replace(basis, spots={"t1": Spot(-8.1, 112.2)}, office=Spot(-8.1, 112.1))
    lines = route_lines(known, draft, known.estimate(draft))
    street = basis.targets[1].address.street
    assert [line.detail for line in lines[:3]] == [message("rencana.has_spot"), message("rencana.has_spot"), street]
    assert route_lines(basis, draft, basis.estimate(draft))[0].detail == message("rencana.no_spot")


def test_houses_tell_their_day_and_crew_only_where_there_are_several(basis: PlanBasis) -> None:
    draft = basis.refreshed(plan("a1", THURSDAY))
    lines = route_lines(basis, draft, basis.estimate(draft))
    assert [line.name for line in lines] == [OFFICE, "t1", "t2", "t3", "t4", "t5", "t6", "t7"]
    assert lines[1].words == "1. MISINEM"
    assert {line.tag for line in lines} == {None}
    far = replace(draft, way_minutes=150)
    tag = route_lines(basis, far, basis.estimate(far))[-1].tag
    assert tag is not None
    assert isinstance(tag.words, CatalogMessage)
    assert tag.words.key == "rencana.house_day"
    two = replace(far, team=("s1", "s2", "s3", "s4"), kits=("k1", "k2"))
    tag = route_lines(basis, two, basis.estimate(two))[-1].tag
    assert tag is not None
    assert isinstance(tag.words, CatalogMessage)
    assert tag.words.key == "rencana.house_day_crew"


@pytest.mark.parametrize(
    ("changes", "is_changed", "tag", "tone"),
    [
        (None, False, "rencana.state_none", Tone.CAUTION),
        ({"approved_by": "u5"}, True, "rencana.state_changed", Tone.CAUTION),
        ({}, False, "rencana.state_kept", Tone.SOFT),
        ({"approved_by": "u5"}, False, "rencana.state_approved", Tone.GOOD),
        ({"approved_by": "u5", "directed_by": "u7"}, False, "rencana.state_directed", Tone.GOOD),
        ({"directed_by": "u7"}, False, "rencana.only_arahan", Tone.SOFT),
    ],
)
def test_the_tag_tells_how_firm_a_plan_is(
    changes: dict[str, object] | None, is_changed: bool, tag: str, tone: Tone
) -> None:
    kept = None if changes is None else plan("a1", THURSDAY, **changes)
    assert state_tag(kept, is_changed=is_changed) == Tag(message(tag), tone)


def test_one_remark_names_every_qualification_that_the_team_lacks(basis: PlanBasis) -> None:
    asked = replace(basis, asked=("Memahami SIAK", "Mampu mengoperasikan komputer"))
    assert unqualified(asked, plan("a1", THURSDAY)) == (
        message("rencana.unqualified", what="Memahami SIAK; Mampu mengoperasikan komputer"),
    )
    assert unqualified(replace(asked, asked=("a", "b", "c")), plan("a1", THURSDAY)) == (
        message("rencana.unqualified_more", what="a; b", count=1),
    )
    assert unqualified(basis, plan("a1", THURSDAY)) == ()
