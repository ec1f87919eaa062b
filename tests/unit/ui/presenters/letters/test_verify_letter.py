from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import KADIS, office
from support.signing import LETTER, waiting_letter
from support.tasks import SameThread, Steps

from ui.presenters.letters.letters import VerifyLetterPresenter
from ui.presenters.parts import Stage
from ui.presenters.tasks import COMPUTE


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KADIS)
    yield kit
    kit.store.close()


def test_a_file_is_checked_off_the_window(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "surat.pdf").write_bytes(LETTER)
    tasks = SameThread(COMPUTE)
    presenter = VerifyLetterPresenter(kit.context, tasks, Steps())
    presenter.start()
    presenter.type_path(str(tmp_path / "surat.pdf"))
    presenter.accept()
    assert presenter.state.stage is Stage.BUSY
    tasks.release(COMPUTE)
    assert presenter.state.name == "surat.pdf"
    assert presenter.state.verdict is not None
    assert presenter.state.verdict.title.key == "tte.verdict.unsigned"
    assert presenter.state.pages


def test_what_cannot_be_read_leaves_no_old_verdict(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "surat.pdf").write_bytes(LETTER)
    steps = Steps()
    presenter = VerifyLetterPresenter(kit.context, SameThread(), steps)
    presenter.type_path(str(tmp_path / "surat.pdf"))
    presenter.accept()
    for path, code in (("/nowhere.pdf", "tte.file_unreadable"), (" ", "tte.path_missing")):
        presenter.type_path(path)
        presenter.accept()
        assert presenter.state.wrong is not None
        assert presenter.state.wrong.code == code
        assert (presenter.state.verdict, presenter.state.pages) == (None, ())
    presenter.back()
    assert steps.taken == [("back",)]


def test_a_letter_of_the_archive_is_checked_when_the_screen_opens(kit: Kit) -> None:
    letter = waiting_letter(kit)
    presenter = VerifyLetterPresenter(kit.context, SameThread(), Steps(), letter.thing_id)
    presenter.start()
    assert presenter.state.name == letter.title
    presenter = VerifyLetterPresenter(kit.context, SameThread(), Steps(), "nobody")
    presenter.start()
    assert presenter.state.wrong is not None
    assert presenter.state.wrong.code == "store.not_found"
