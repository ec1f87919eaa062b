from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.clock import NOW
from support.sops import SMALL, small_with

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Role
from fieldkit.domain.sarpras import SarprasKind
from fieldkit.domain.sop.profile import (
    NO_DOCUMENT,
    Actor,
    Declaration,
    Equipment,
    Fulfilment,
    SopActors,
    SopDocument,
    StepRoles,
    roles_of,
)


def test_a_step_comes_after_all_before_it_but_those_beside_it() -> None:
    assert SMALL.before(3) == (1, 2)
    assert SMALL.before(4) == (1, 2)
    assert SMALL.before(5) == (1, 2, 3, 4)


def test_an_unknown_step_is_named() -> None:
    with pytest.raises(RuleError) as caught:
        SMALL.step(9)
    assert caught.value.code == "sop.unknown_step"


def test_the_doer_stands_before_who_looks_on() -> None:
    doer = SMALL.step(2).doer
    assert doer is not None
    assert doer.column == "Kasi"
    assert SMALL.step(6).doer is None


def test_outsiders_have_no_account_but_somebody_who_records() -> None:
    assert SMALL.column("Pemohon").is_outsider
    assert roles_of(SMALL, 1) == StepRoles(1, (), (Role.LOKET, Role.KASI))
    assert roles_of(SMALL, 4) == StepRoles(4, (Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM))
    assert roles_of(SMALL, 6) == StepRoles(6)


def test_a_dinas_sets_its_own_actors() -> None:
    mine = SopActors("kecil").setting(StepRoles(4, (Role.KASI,))).setting(StepRoles(2, (Role.KABID,)))
    assert [step.no for step in mine.steps] == [2, 4]
    assert roles_of(SMALL, 4, mine).roles == (Role.KASI,)
    assert roles_of(SMALL, 5, mine).roles == (Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM)
    assert mine.setting(StepRoles(4, (Role.KABID,))).of(4) == StepRoles(4, (Role.KABID,))


def test_standard_times_add_up() -> None:
    assert SMALL.standard_minutes == 150


def test_short_words_stand_before_those_of_the_document() -> None:
    for short, title in (("", "Mengajukan"), ("Aju", "Aju")):
        assert small_with(1, short=short).step(1).title == title
        assert replace(SMALL, short=short).title == (short or SMALL.name)


def test_only_who_does_a_step_is_its_doer() -> None:
    received = small_with(2, actors=(Actor("Pemohon", "penerima"), Actor("Kasi"))).step(2).doer
    assert received is not None
    assert received.column == "Kasi"


@pytest.mark.parametrize(
    ("is_terminator", "facts", "ends_itself"),
    [(True, (), True), (True, ((Fulfilment.RECORDED,),), False), (False, (), False)],
)
def test_a_terminator_that_waits_for_no_fact_ends_itself(
    is_terminator: bool, facts: tuple[tuple[Fulfilment, ...], ...], ends_itself: bool
) -> None:
    step = small_with(6, is_terminator=is_terminator, fulfilled_by=facts).step(6)
    assert step.ends_itself is ends_itself


def test_steps_run_beside_each_other_whichever_of_them_says_so() -> None:
    alone = small_with(3, beside=())
    later = replace(alone, steps=(*alone.steps[:3], *small_with(4, beside=(3,)).steps[3:]))
    assert [profile.before(4) for profile in (SMALL, later, alone)] == [(1, 2), (1, 2), (1, 2, 3)]


def test_roles_that_a_step_names_itself_do_it_and_nobody_records_it() -> None:
    own = small_with(1, actors=(Actor("Pemohon", roles=(Role.ADMIN_DINAS,)),))
    assert roles_of(own, 1) == StepRoles(1, (Role.ADMIN_DINAS,), ())


WORD = Declaration("Kades", "di luar program", NOW, "005/1")
DAY = NOW - timedelta(hours=8)


def test_a_word_with_everything_is_taken_by_letter_or_by_file() -> None:
    WORD.demand(1, NOW, DAY, 0)
    replace(WORD, letter="").demand(1, DAY, DAY, 1)


@pytest.mark.parametrize(
    ("word", "minutes", "code"),
    [
        (replace(WORD, who=" "), 0, "sop.name_needed"),
        (replace(WORD, why=""), 0, "sop.why_needed"),
        (replace(WORD, letter=" "), 0, "sop.evidence_needed"),
        (WORD, 1, "sop.in_future"),
        (WORD, -481, "sop.before_activity"),
    ],
)
def test_each_thing_that_is_missing_has_its_sentence(word: Declaration, minutes: int, code: str) -> None:
    with pytest.raises(InputError) as refused:
        word.demand(1, NOW + timedelta(minutes=minutes), DAY, 0)
    assert refused.value.code == code


DOCUMENTS = {profile.sop_id: profile.document for profile in own_profiles()}


def test_only_what_has_a_kind_goes_along() -> None:
    document = SopDocument(equipment=(Equipment("Kamera", SarprasKind.PHOTO_CAMERA), Equipment("Aplikasi SIAK")))
    assert [thing.name for thing in document.taken_along] == ["Kamera"]
    assert NO_DOCUMENT.taken_along == ()


def test_the_documents_that_come_with_the_program_say_what_theirs_say() -> None:
    blitar, becak = DOCUMENTS["blitar_si_jaran_ijo"], DOCUMENTS["grobogan_becak_pintar"]
    assert (blitar.made_on, blitar.revised_on, blitar.effective_on) == (date(2023, 12, 5), None, None)
    assert (becak.revised_on, becak.effective_on) == (date(2023, 1, 2), date(2023, 1, 3))
    assert (len(blitar.laws), len(blitar.qualifications), len(blitar.warnings)) == (11, 4, 3)
    assert blitar.supplies == ("tisu", "minyak kayu putih", "sarung tangan", "masker", "handsanitizer")
    assert DOCUMENTS["madiun_dolopo_jemput_bola"].approved_by == "Camat Dolopo"
    grobogan = DOCUMENTS["grobogan_jemput_bola"]
    assert (len(grobogan.laws), len(grobogan.equipment), len(grobogan.taken_along)) == (8, 14, 7)
