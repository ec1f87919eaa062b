"""An SOP that the program does not bring along, read from a folder of the dinas, from its first step to its last."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.cards_sent import LOKET, PRINTER, taken
from support.counter import SCAN, SIGNED
from support.letters import KADIS, KASI, office
from support.sarpras import SIGNATURE, fill, stock_inventory

from fieldkit.domain.applications import (
    Applicant,
    Application,
    ApplicationState,
    PaperVerdict,
    Parents,
    Requirement,
    Service,
)
from fieldkit.domain.cards.card import Document, Place
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.requirements import SupportingPaper, needed_papers
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import ModePerekaman, Plan
from fieldkit.domain.reports import Points
from fieldkit.domain.sop.standing import How
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.applications.serve_applications import Sheets
from fieldkit.services.context.office import Office

EXAMPLE = Path(__file__).parents[2] / "assets/sop/contoh/kia_di_sekolah.yaml"
K = LetterKind
PHOTO = Requirement.of(SupportingPaper.PHOTO)
PARENTS = Parents("SUTRISNO", "WATI", "3315080102150007")
BIMA = Applicant("BIMA", Nik.parse("3315080102180001"), "Krajan", "WIROSARI", "", date(2018, 2, 1), parents=PARENTS)
AYU = Applicant("AYU", Nik.parse("3315084103230002"), "Krajan", "WIROSARI", "", date(2023, 3, 1), parents=PARENTS)


class School:
    """The activity at a school; `by` lets an account act, a minute later."""

    def __init__(self, kit: Kit) -> None:
        self.kit, self.at = kit, ""

    def by(self, user: User) -> Office:
        self.kit.clock.advance(minutes=1)
        return self.kit.context_of(user).office

    def ways(self) -> dict[int, How]:
        view = self.by(KASI).sop.view(self.at)
        assert view is not None
        return {step.no: step.how for step in view.steps}

    def issued(self, kind: K, user: User = KASI, **fields: object) -> Letter:
        letters = self.by(user).letters
        mine = next((each for each in letters.of(self.at) if each.letter is kind), None)
        draft = mine or letters.draft(kind, self.at, fields)
        self.by(user).letters.edit(draft.thing_id, {"signing": "tangan"} if "signing" in draft.fields else {})
        return letters.issue(draft.thing_id)

    def pupil(self, who: Applicant) -> Application:
        """Register a pupil with every paper but the photo, which is taken at the school."""
        assert who.birth_date is not None
        papers = needed_papers(Document.KIA, "kia_baru", who.birth_date, self.kit.clock.today())
        there = tuple(Requirement.of(paper, paper is not SupportingPaper.PHOTO) for paper in papers)
        return self.by(LOKET).applications.register(self.at, Handed(Service.KK, Document.KIA, who, there))

    def checked(self, application: Application) -> None:
        """Scan what was brought on paper, find every paper right, and check."""
        office = self.by(LOKET)
        for place in range(len(application.requirements)):
            office.application_papers.scan(application.thing_id, place, [SCAN])
            office.application_papers.judge(application.thing_id, place, PaperVerdict.RIGHT)
        office.applications.check(application.thing_id)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    folder = tmp_path / "sop"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder)
    kit = office(tmp_path, KASI)
    kit.sop_folder = folder
    stock_inventory(kit)
    with kit.store.write() as unit:
        for account in (LOKET, PRINTER):
            unit.save_user(account)
    school = School(kit)
    begun = school.by(KASI).planning.begin_activity(
        "KIA SDN 1 Wirosari", "SDN 1 Wirosari", "kia_di_sekolah", ModePerekaman.LURING, kit.clock.today()
    )
    school.at = begun.activity_id
    school.by(KASI).sop.begin(school.at, "kia_di_sekolah")
    yield school
    kit.store.close()


def planned(school: School) -> Plan:
    planning = school.by(KASI).planning
    basis = planning.basis(school.at)
    draft = replace(basis.draft(), team=("s1", "s2"), kits=("kit-7",))
    return planning.save(draft, [each.code for each in basis.conflicts(draft)])


@pytest.mark.days
def test_the_sixth_sop_runs_from_its_file_to_its_last_step(school: School) -> None:
    planned(school)
    school.issued(K.JADWAL)
    notice, order = school.issued(K.SURAT_PEMBERITAHUAN), school.issued(K.SURAT_TUGAS)
    assert notice.fields["hal"] == "Pemberitahuan Pelayanan Jemput Bola Penerbitan Kartu Identitas Anak (KIA)"
    assert notice.fields["requirements"][0] == "fotokopi kutipan akta kelahiran siswa;"
    assert order.fields["dasar"][1] == "Peraturan Menteri Dalam Negeri Nomor 2 Tahun 2016 tentang Kartu Identitas Anak;"
    assert {no for no, how in school.ways().items() if how is How.FULFILLED} == {1, 2}

    bima, ayu = school.pupil(BIMA), school.pupil(AYU)
    assert (bima.service, bima.lacks, ayu.lacks) == (Service.SOP, (PHOTO.name,), ())

    out = school.by(KETUA).sarpras.out
    left = fill(out, out.begin(school.at))
    assert "sop:Latar foto" in [line.item_id for line in left.checklist.lines]
    out.allow(left.thing_id, PENGURUS, SIGNATURE)
    out.close(left.thing_id)
    school.by(KETUA).sarpras.papers.write_out(left.thing_id)
    school.issued(K.BA_SARPRAS, KETUA)
    assert school.ways()[5] is How.OPEN  # Bima's photo is missing

    school.by(LOKET).application_papers.scan(bima.thing_id, bima.requirements.index(PHOTO), [SCAN])
    assert school.ways()[5] is How.FULFILLED
    for each in (bima, ayu):
        school.checked(each)
        chief = school.by(KADIS).applications
        chief.approve(each.thing_id)
        chief.note_tte(each.thing_id, SIGNED)
    assert {school.ways()[no] for no in (3, 4, 5, 6, 7)} == {How.FULFILLED}

    printed = school.by(PRINTER).applications.note_printed([bima.thing_id, ayu.thing_id], Sheets("KIA-1"))
    school.by(PRINTER).applications.write_recap(school.at, "November 2026")
    school.issued(K.REKAPITULASI, PRINTER)

    back = school.by(KETUA).sarpras.back
    came = fill(back, back.begin(school.at))
    back.allow(came.thing_id, PENGURUS, SIGNATURE)
    back.close(came.thing_id)
    school.by(KETUA).sarpras.papers.write_in(came.thing_id)
    school.issued(K.BA_PENGEMBALIAN, KETUA)

    cards = [card.thing_id for card in printed]
    handover = school.by(LOKET).handover
    handover.write_ba(cards, "Sri Rahayu", "Kepala SDN 1 Wirosari", "SDN 1 Wirosari")
    handed = school.issued(K.BA_SERAH_TERIMA, LOKET)
    assert handed.title.startswith("BA serah terima KIA")
    handover.hand_on_signed(cards, Place.DESA, taken("Sri Rahayu", relation="kepala sekolah"))
    view = school.by(LOKET).applications.view(bima.thing_id)
    assert (view.is_over, view.next) == (True, None)

    evaluation = school.by(KASI).evaluation
    evaluation.report(school.at, Points(went_well=("Semua siswa difoto",)))
    school.issued(K.LAPORAN_KEGIATAN)
    ways = school.ways()
    assert set(ways.values()) == {How.FULFILLED}, ways
    ended = school.by(KASI).sop.view(school.at)
    assert ended is not None
    assert (ended.is_finished, ended.by_word, ended.left) == (True, 0, ())


def test_the_school_waits_until_every_card_is_printed(school: School) -> None:
    bima, ayu = school.pupil(BIMA), school.pupil(AYU)
    for each in (bima, ayu):
        school.checked(each)
        school.by(KADIS).applications.approve(each.thing_id)
        school.by(KADIS).applications.note_tte(each.thing_id, SIGNED)
    (card,) = school.by(PRINTER).applications.note_printed([bima.thing_id], Sheets("KIA-1"))
    school.by(LOKET).handover.hand_on([card.thing_id], Place.DESA, "Sri Rahayu")
    view = school.by(KASI).sop.view(school.at)
    assert view is not None
    assert "cards_to_desa" not in [fact.value for fact in view.steps[9].now.facts]
    assert school.by(LOKET).applications.get(ayu.thing_id).next_state is ApplicationState.TERCETAK


def test_what_the_sop_does_not_give_and_a_child_without_parents_are_refused(school: School) -> None:
    papers = (Requirement("KK", is_there=True),)
    with pytest.raises(InputError, match=r"application\.other_document"):
        school.by(LOKET).applications.register(school.at, Handed(Service.KK, Document.KK, BIMA, papers))
    orphan = replace(BIMA, parents=None)
    with pytest.raises(InputError, match=r"application\.no_parents"):
        school.by(LOKET).applications.register(school.at, Handed(Service.KK, Document.KIA, orphan, papers))
    assert list(school.by(LOKET).applications.documents(school.at)) == [Document.KIA]
    assert [(a.activity_id, tuple(d)) for a, d in school.by(LOKET).applications.counters()] == [
        (school.at, (Document.KIA,))
    ]


def test_the_example_is_complete_and_no_sop_in_force(school: School) -> None:
    (example,) = (each for each in school.by(KASI).sop.profiles() if each.sop_id == "kia_di_sekolah")
    document = example.document
    assert all((document.laws, document.qualifications, document.equipment, document.warnings, document.archiving))
    school.kit.sop_folder = None
    assert "kia_di_sekolah" not in [each.sop_id for each in school.by(KASI).sop.profiles()]
