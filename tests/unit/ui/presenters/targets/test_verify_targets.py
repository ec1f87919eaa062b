from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import KETUA, PENGURUS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.people.accounts import User
from fieldkit.domain.planning.outreach import TargetVerdict
from fieldkit.formats.target_sheets import SpreadsheetFiles
from ui.presenters.targets.siak_answer import SiakAnswerPresenter
from ui.presenters.targets.verify_targets import VerifyTargetsPresenter
from ui.presenters.words import phrase


class Folder:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None, folder: Folder | None = None) -> VerifyTargetsPresenter:
    catalogue = strict_catalogue("id")
    presenter = VerifyTargetsPresenter(kit.desk, SameThread(), steps or Steps(), folder or Folder(), catalogue, "a1")
    presenter.start()
    return presenter


def test_the_unchecked_stand_first_and_a_verdict_takes_one_off(kit: Kit) -> None:
    presenter = opened(kit)
    assert (presenter.state.rows.count, presenter.state.rows.total, presenter.state.about) == (7, 7, "MISINEM")
    presenter.select("t2")
    presenter.judge("pindah")
    assert presenter.state.rows.count == 6
    assert presenter.state.about == "MISINEM"
    assert kit.desk.visits.target("t2").verdict is TargetVerdict.PINDAH


def test_filters_go_round_and_all_shown_are_verified(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.search("misinem")
    presenter.judge_shown()
    assert kit.desk.office.verification.tally("a1")[TargetVerdict.TERVERIFIKASI] == 1
    presenter.search("")
    presenter.next_filter()
    assert presenter.state.rows.count == 7
    presenter.next_filter()
    assert presenter.state.rows.count == 1


def test_the_list_goes_out_and_its_answer_comes_in(kit: Kit, tmp_path: Path) -> None:
    steps, folder = Steps(), Folder()
    presenter = opened(kit, steps, folder)
    presenter.export()
    ((name, content),) = folder.saved.items()
    (sheet,) = SpreadsheetFiles().read(name, content)
    rows = [(*map(str, row.cells[:2]), "terverifikasi") for row in sheet.rows[1:-1]]
    answer = tmp_path / name
    answer.write_bytes(SpreadsheetFiles().write("x", ("ID Sasaran", "NIK", "Hasil"), rows))
    presenter.read_answer()
    assert steps.taken == [("push", "siak_answer", "a1")]
    reading = SiakAnswerPresenter(kit.desk, SameThread(), steps, "a1")
    reading.type_path(str(answer))
    reading.accept()
    reading.accept()
    presenter.start()
    assert presenter.state.rows.count == 0
    presenter.export()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "verify.nothing_left"


@pytest.mark.parametrize("user", [PENGURUS])
def test_others_see_and_cannot_judge(tmp_path: Path, user: User) -> None:
    kit = Kit(tmp_path, user)
    kit.plan(*TARGETS)
    presenter = opened(kit)
    assert presenter.state.bar.actions[-1].refused == phrase("cek.not_yours")
    presenter.judge("pindah")
    presenter.judge_shown()
    assert kit.desk.visits.target("t1").verdict is TargetVerdict.BELUM_DICEK
    kit.store.close()
