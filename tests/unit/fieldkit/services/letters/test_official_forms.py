"""Official forms hold what is known of a person or an application, and nothing that is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from support.app_context import PETUGAS, TARGETS, Kit
from support.counter import SITI, for_kk
from support.families import FAMILY
from support.letters import AT, office

from fieldkit.domain.applications import Application
from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.forms import OFFICIAL_FORMS
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role, User
from fieldkit.domain.recording.biodata import RequestType

_K = LetterKind
LOKET = User("u7", "Wahyu Nugroho", Role.LOKET)
MISINEM = TARGETS[2]


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with office(tmp_path) as kit:
        yield kit


def printed(kit: Kit, letter: Letter) -> str:
    letters = kit.context.office.letters
    with PdfDocument(letters.pdf(letters.issue(letter.thing_id).thing_id)) as document:
        return " ".join("".join(page.get_textpage().get_text_range() for page in document).split())


def applied(kit: Kit) -> Application:
    application = kit.context_of(LOKET).office.applications.register(AT, for_kk())
    with kit.store.write() as unit:
        known = replace(application, family=FAMILY)
        unit.repository(Application).save(known)
    return known


def test_each_form_of_a_person_is_drafted_and_printed(kit: Kit) -> None:
    who = MISINEM.biodata
    for kind in OFFICIAL_FORMS:
        letter = kit.context.office.forms.of_target(kind, MISINEM.target_id)
        said = printed(kit, letter)
        assert letter.title.endswith(who.name)
        assert who.name in said
        assert who.nik.digits in said.replace(" ", ""), kind
        assert "gratis" in said


def test_what_was_recorded_stands_in_the_table_with_its_code(kit: Kit) -> None:
    who = MISINEM.biodata
    (member,) = kit.context.office.forms.of_target(_K.F_1_01, MISINEM.target_id).fields["members"]
    religion = kit.context.tables.wording("agama", who.religion)
    assert member["religion"] == f"{who.religion} {religion}"
    assert (member["mother"], member["born"]) == (who.mother_name, who.birth_date.isoformat())
    assert member["father"] == member["birth_certificate"] == ""


def test_a_code_that_nobody_chose_leaves_its_place_free(kit: Kit) -> None:
    unknown = replace(MISINEM.biodata, religion=0, occupation=0)
    with kit.store.write() as unit:
        unit.targets.save([replace(MISINEM, biodata=unknown)])
    (member,) = kit.context.office.forms.of_target(_K.F_1_01, MISINEM.target_id).fields["members"]
    assert (member["religion"], member["occupation"]) == ("", "")


def test_the_request_for_a_first_card_is_ticked(kit: Kit) -> None:
    letter = kit.context.office.forms.of_target(_K.F_1_02, MISINEM.target_id)
    assert (letter.fields["ktp_request"], letter.fields["kk_request"]) == ("ktp_baru", "tidak")
    assert "X Baru Pindah datang" in printed(kit, letter)


def test_what_an_application_asks_for_is_ticked_and_never_read_out_of_its_words(kit: Kit) -> None:
    applications, forms = kit.context_of(LOKET).office.applications, kit.context.office.forms
    said = replace(for_kk(), wish="KK hilang, mau pisah", request="kk_rusak")
    for handed, ticked in (
        (said, "kk_rusak"),
        (replace(said, request=""), "tidak"),
        (replace(said, request="ktp_hilang"), "tidak"),
    ):
        asked = forms.of_application(_K.F_1_02, applications.register(AT, handed).thing_id)
        assert (asked.fields["kk_request"], asked.fields["ktp_request"]) == (ticked, "tidak")


def test_an_application_brings_its_wish_its_papers_and_its_family(kit: Kit) -> None:
    application = applied(kit)
    forms = kit.context.office.forms
    asked = forms.of_application(_K.F_1_02, application.thing_id)
    assert (asked.fields["name"], asked.fields["kk_request"]) == (SITI.name, "kk_pisah")
    assert asked.fields["attached"] == ["KK lama atau KK rusak"]
    family = printed(kit, forms.of_application(_K.F_1_01, application.thing_id))
    for member in FAMILY.members:
        assert member.name in family
    assert "3315-LU-15022018-0007" in family
    assert "58192" in family.replace(" ", "")


def test_a_wish_is_never_declared_as_the_reason_of_a_statement(kit: Kit) -> None:
    application = applied(kit)
    assert application.wish
    for kind in OFFICIAL_FORMS:
        letter = kit.context.office.forms.of_application(kind, application.thing_id)
        assert application.wish not in str(letter.fields), kind
        assert application.wish not in printed(kit, letter), kind


def test_a_form_names_the_kabupaten_of_the_person_and_never_that_of_the_dinas(kit: Kit) -> None:
    forms = kit.context.office.forms
    outsider = replace(MISINEM.biodata, address=FAMILY.address)
    nowhere = replace(MISINEM.biodata, address=replace(FAMILY.address, region="999999"))
    with kit.store.write() as unit:
        unit.targets.save([replace(MISINEM, biodata=outsider), replace(TARGETS[3], biodata=nowhere)])
    assert forms.of_target(_K.F_1_01, MISINEM.target_id).fields["regency"] == "Kabupaten Grobogan"
    assert forms.of_target(_K.F_1_01, TARGETS[3].target_id).fields["regency"] == ""
    assert forms.of_target(_K.F_1_01, TARGETS[1].target_id).fields["regency"] == "Kabupaten Blitar"
    application = applied(kit)
    assert forms.of_application(_K.F_1_01, application.thing_id).fields["regency"] == "Kabupaten Grobogan"
    alone = kit.context_of(LOKET).office.applications.register(AT, for_kk())
    assert forms.of_application(_K.F_1_01, alone.thing_id).fields["regency"] == ""


def test_a_draft_is_gone_on_with_and_an_issued_one_stays(kit: Kit) -> None:
    forms, letters = kit.context.office.forms, kit.context.office.letters
    first = forms.of_target(_K.F_1_06, MISINEM.target_id)
    assert forms.of_target(_K.F_1_06, MISINEM.target_id).thing_id == first.thing_id
    assert forms.of_target(_K.F_1_06, TARGETS[3].target_id).thing_id != first.thing_id
    letters.issue(first.thing_id)
    assert forms.of_target(_K.F_1_06, MISINEM.target_id).thing_id != first.thing_id
    assert letters.get(first.thing_id).state is LetterState.ISSUED


def test_who_serves_nobody_writes_no_form(kit: Kit) -> None:
    keeper = kit.context_of(User("u8", "Sri Handayani", Role.PENGURUS_BARANG)).office.forms
    assert keeper.offered() == []
    with pytest.raises(RuleError):
        keeper.of_target(_K.F_1_02, MISINEM.target_id)
    assert kit.context_of(LOKET).office.forms.offered() == list(OFFICIAL_FORMS)


def test_a_form_is_no_paper_that_an_activity_lacks(kit: Kit) -> None:
    assert not OFFICIAL_FORMS.keys() & set(kit.context.office.letters.missing(AT))


def test_what_the_activity_knows_never_empties_the_form_of_a_person(kit: Kit) -> None:
    letter = kit.context.office.forms.of_target(_K.F_1_04, MISINEM.target_id)
    assert kit.context.office.letters.compose_again(letter.thing_id).fields == letter.fields


def test_what_was_typed_in_the_open_recording_counts_for_more_than_the_list(kit: Kit) -> None:
    forms, recording = kit.context.office.forms, kit.context_of(PETUGAS).recording
    other = recording.open(TARGETS[1].target_id)
    recording.give_notice(other.session_id, "id")
    recording.confirm_biodata(other.session_id, replace(TARGETS[1].biodata, name="LAIN ORANG"))
    assert forms.of_target(_K.F_1_06, MISINEM.target_id).fields["name"] == MISINEM.biodata.name
    session = recording.open(MISINEM.target_id)
    assert forms.of_target(_K.F_1_04, MISINEM.target_id).fields["name"] == MISINEM.biodata.name
    recording.give_notice(session.session_id, "id")
    recording.confirm_biodata(session.session_id, replace(MISINEM.biodata, name="DIMAS ADI"))
    assert forms.of_target(_K.F_1_02, MISINEM.target_id).fields["name"] == "DIMAS ADI"


@pytest.mark.parametrize(("relation", "head"), [(1, MISINEM.biodata.name), (4, "")])
def test_a_head_of_a_family_stands_there_as_such(kit: Kit, relation: int, head: str) -> None:
    with kit.store.write() as unit:
        unit.targets.save([replace(MISINEM, biodata=replace(MISINEM.biodata, family_relation=relation))])
    assert kit.context.office.forms.of_target(_K.F_1_01, MISINEM.target_id).fields["head"] == head


def test_a_card_that_somebody_had_before_is_not_asked_for_as_a_first_one(kit: Kit) -> None:
    for request in RequestType:
        who = replace(MISINEM.biodata, request=request)
        with kit.store.write() as unit:
            unit.targets.save([replace(MISINEM, biodata=who)])
            for letter in unit.repository(Letter).of(AT):
                unit.repository(Letter).save(replace(letter, state=LetterState.VOID))
        asked = kit.context.office.forms.of_target(_K.F_1_02, MISINEM.target_id).fields["ktp_request"]
        assert asked == ("ktp_baru" if request is RequestType.NEW else "tidak")


def test_only_somebody_without_a_nik_lacks_documents(kit: Kit) -> None:
    form = kit.context.office.forms.of_target(_K.F_1_04, MISINEM.target_id)
    assert form.fields["lacks"] == []
    assert kit.context.office.forms.of_target(_K.F_1_06, MISINEM.target_id).thing_id != form.thing_id


def test_an_application_says_what_was_handed_in_and_entered(kit: Kit) -> None:
    forms, applications = kit.context.office.forms, kit.context_of(LOKET).office.applications
    handed = for_kk()
    missing = replace(handed.requirements[0], is_there=False)
    bare = applications.register(AT, handed)
    nowhere = replace(FAMILY.address, street="")
    empty = replace(FAMILY, no_kk=None, postcode="", phone="", address=nowhere, members=FAMILY.members[1:])
    known = (
        replace(bare, requirements=(missing, *bare.requirements[1:]), applicant=replace(SITI, birth_date=None)),
        replace(bare, thing_id="p2", family=FAMILY),
        replace(bare, thing_id="p3", family=empty),
    )
    with kit.store.write() as unit:
        for each in known:
            unit.repository(Application).save(each)
    assert FAMILY.no_kk is not None
    asked = [forms.of_application(_K.F_1_02, each.thing_id).fields for each in known]
    assert [fields["no_kk"] for fields in asked] == ["", FAMILY.no_kk.digits, ""]
    assert asked[0]["attached"] == []
    stated = [forms.of_application(_K.F_1_04, each.thing_id).fields for each in known]
    assert [fields["born"] for fields in stated] == ["", "1990-07-05", "1990-07-05"]
    assert [fields["address"] for fields in stated] == [SITI.address, FAMILY.address.street, SITI.address]
    alone, whole, partly = (forms.of_application(_K.F_1_01, each.thing_id).fields for each in known)
    assert (alone["members"], alone["postcode"]) == ([], "")
    assert FAMILY.head is not None
    assert (whole["head"], whole["postcode"]) == (FAMILY.head.name, FAMILY.postcode)
    assert (partly["head"], partly["postcode"], partly["phone"]) == ("", "", SITI.phone)
    niks = [row["nik"] for row in whole["members"]]
    assert niks == [member.nik.digits if member.nik else "" for member in FAMILY.members]
    for row, member in zip(whole["members"], FAMILY.members, strict=True):
        assert row["mother_nik"] == (member.mother.nik.digits if member.mother.nik else "")
        assert row["father_nik"] == (member.father.nik.digits if member.father.nik else "")
