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

from fieldkit.domain.applications import Application, Requirement
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import RuleError
from fieldkit.domain.families import Family
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS
from fieldkit.domain.letters.requirements import attachments_of, needed_papers
from fieldkit.domain.nik import MaritalStatus
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


def applied(kit: Kit, family: Family = FAMILY) -> Application:
    application = kit.context_of(LOKET).office.applications.register(AT, for_kk())
    with kit.store.write() as unit:
        known = replace(application, family=family)
        unit.repository(Application).save(known)
    return known


def test_each_form_of_a_person_is_drafted_and_printed(kit: Kit) -> None:
    who, forms = MISINEM.biodata, kit.context.office.forms
    for kind in forms.offered():
        letter = forms.of_target(kind, MISINEM.target_id)
        said = printed(kit, letter).replace(" ", "")
        assert who.name.replace(" ", "") in said, kind
        # F-1.01 has no column for the NIK of a member; F-1.04 and F-1.07 ask no NIK of who signs.
        assert (who.nik.digits in said) is (kind not in (_K.F_1_01, _K.F_1_04, _K.F_1_07)), kind
        assert "gratis" not in said.lower()


def test_what_was_recorded_stands_in_the_table_with_its_code(kit: Kit) -> None:
    who = MISINEM.biodata
    (member,) = kit.context.office.forms.of_target(_K.F_1_01, MISINEM.target_id).fields["members"]
    religion = kit.context.tables.wording("agama", who.religion)
    assert member["religion"] == f"{who.religion} {religion}"
    assert (member["mother"], member["born"]) == (who.mother_name, who.birth_date.isoformat())
    assert member["father"] == member["birth_certificate"] == member["sponsor"] == ""


M = MaritalStatus


@pytest.mark.parametrize(
    ("status", "marriage", "divorce", "code"),
    [
        (M.BELUM_KAWIN, "", "", "1"),
        (M.KAWIN, "12/2010", "", "2"),
        (M.KAWIN, " ", "9/2020", ""),
        (M.CERAI_HIDUP, "12/2010", "9/2020", "4"),
        (M.CERAI_HIDUP, "12/2010", "", ""),
        (M.CERAI_MATI, "", "", "6"),
    ],
)
def test_a_marriage_is_registered_only_where_its_number_was_given(
    kit: Kit, status: MaritalStatus, marriage: str, divorce: str, code: str
) -> None:
    member = replace(
        FAMILY.members[0], marital_status=status, marriage_certificate=marriage, divorce_certificate=divorce
    )
    application = applied(kit, replace(FAMILY, members=(member,)))
    (row,) = kit.context.office.forms.of_application(_K.F_1_01, application.thing_id).fields["members"]
    assert row["marital"].partition(" ")[0] == code
    assert (row["married"], row["divorced"]) == ("", "")


def test_husband_and_wife_stand_in_their_own_places(kit: Kit) -> None:
    forms, application = kit.context.office.forms, applied(kit)
    couple = forms.of_application(_K.F_2_04, application.thing_id).fields
    assert (couple["husband_name"], couple["wife_name"]) == ("SLAMET WIDODO", "SITI AMINAH")
    assert couple["wife_nik"] == SITI.nik.digits
    unregistered = forms.of_application(_K.F_1_05, application.thing_id).fields
    assert (unregistered["husband"], unregistered["wife"]) == ("SLAMET WIDODO", "SITI AMINAH")
    assert (unregistered["bond"], unregistered["bond_on"], unregistered["witnesses"]) == ("tidak", "", [])
    alone = forms.of_target(_K.F_2_04, MISINEM.target_id).fields
    assert (alone["husband_name"], alone["wife_name"]) == (MISINEM.biodata.name, "")


def test_nobody_of_a_family_is_said_to_move_or_to_have_changed(kit: Kit) -> None:
    forms, application = kit.context.office.forms, applied(kit)
    moved = forms.of_application(_K.F_1_03, application.thing_id).fields
    assert (moved["moving"], moved["move"], moved["movers"]) == ([], "tidak", "tidak")
    changed = forms.of_application(_K.F_1_06, application.thing_id).fields
    assert (changed["change_a"], changed["change_b"], len(changed["family"])) == ([], [], len(FAMILY.members))


def test_an_applicant_is_stated_as_his_family_has_him(kit: Kit) -> None:
    stated = kit.context.office.forms.of_application(_K.F_1_04, applied(kit).thing_id).fields
    assert (stated["birth_place"], stated["mother"], stated["father"]) == ("GROBOGAN", "TUMINAH", "WAGIMIN")
    assert stated["province"] == "Jawa Tengah"


@pytest.mark.days
def test_eleven_members_take_two_sets_of_tables(kit: Kit) -> None:
    members = tuple(replace(FAMILY.members[2], name=f"ANAK KE {at:02}", nik=None) for at in range(11))
    application = applied(kit, replace(FAMILY, members=members))
    said = printed(kit, kit.context.office.forms.of_application(_K.F_1_01, application.thing_id))
    assert "ANAK KE 10" in said
    assert said.count("Organisasi kepercayaan") == 2
    assert "(LANJUTAN)" in said


def test_a_code_that_nobody_chose_leaves_its_place_free(kit: Kit) -> None:
    unknown = replace(MISINEM.biodata, religion=0, occupation=0)
    with kit.store.write() as unit:
        unit.targets.save([replace(MISINEM, biodata=unknown)])
    (member,) = kit.context.office.forms.of_target(_K.F_1_01, MISINEM.target_id).fields["members"]
    assert (member["religion"], member["occupation"]) == ("", "")


def test_the_request_for_a_first_card_is_ticked(kit: Kit) -> None:
    letter = kit.context.office.forms.of_target(_K.F_1_02, MISINEM.target_id)
    assert (letter.fields["ktp_request"], letter.fields["kk_request"]) == ("ktp_baru", "tidak")
    assert "A. V BARU" in printed(kit, letter)


TEN = (
    (Document.KK, "kk_keluarga_baru", ["1. V Membentuk keluarga baru"]),
    (Document.KK, "kk_kawin_belum_tercatat", ["1. V Membentuk keluarga baru"]),
    (Document.KK, "kk_ganti_kepala", ["2. V Penggantian kepala keluarga"]),
    (Document.KK, "kk_pisah", ["3. V Pisah KK"]),
    (Document.KK, "kk_pindah_datang", ["4. V Pindah datang"]),
    (Document.KK, "kk_lahir", ["2. V Peristiwa penting"]),
    (Document.KK, "kk_elemen_data", ["3. V Perubahan elemen data dalam KK", "A. V KK"]),
    (Document.KK, "kk_hilang", ["1. V Hilang"]),
    (Document.KTP_EL, "ktp_rusak", ["2. V Rusak"]),
    (Document.KIA, "kia_baru", ["A. V BARU"]),
)


@pytest.mark.parametrize(("document", "request_name", "ticks"), TEN)
def test_f_1_02_of_ten_cases_ticks_exactly_its_boxes(
    kit: Kit, document: Document, request_name: str, ticks: list[str]
) -> None:
    needed = needed_papers(document, request_name, None, kit.clock.today())
    made = replace(applied(kit), document=document, request=request_name)
    with kit.store.write() as unit:
        unit.repository(Application).save(
            replace(made, requirements=tuple(Requirement.of(paper, True) for paper in needed))
        )
    letter = kit.context.office.forms.of_application(_K.F_1_02, made.thing_id)
    said = printed(kit, letter)
    boxes, circles = said.split("III. PERSYARATAN YANG DILAMPIRKAN")
    assert boxes.count(" V ") == len(ticks)
    for tick in ticks:
        assert tick in boxes
    attached = attachments_of(needed)
    assert circles.count("V ") == len(attached) == len(letter.fields["attached"])
    for box in attached:
        assert f"V {box}" in circles


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
    assert "KEPALA DINAS" in family.upper()
    assert "58192" in family.replace(" ", "")


def test_a_wish_is_never_declared_as_the_reason_of_a_statement(kit: Kit) -> None:
    application = applied(kit)
    assert application.wish
    for kind in kit.context.office.forms.offered():
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
    assert kit.context_of(LOKET).office.forms.offered() == [kind for kind in OFFICIAL_FORMS if kind is not _K.SPTJM]


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
    listed = forms.of_application(_K.F_1_06, known[1].thing_id).fields["family"]
    niks = [row["nik"] for row in listed]
    assert niks == [member.nik.digits if member.nik else "" for member in FAMILY.members]
    for row, member in zip(whole["members"], FAMILY.members, strict=True):
        assert row["mother_nik"] == (member.mother.nik.digits if member.mother.nik else "")
        assert row["father_nik"] == (member.father.nik.digits if member.father.nik else "")
