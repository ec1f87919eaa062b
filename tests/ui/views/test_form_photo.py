from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from support.drawn_text import drawn_by
from support.recording_window import jpeg

from fieldkit.domain.errors import Problem
from ui.presenters.presenter import Action
from ui.presenters.viewfinder import Sight
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme import ThemeContext
from ui.views.form import PaperPhoto
from ui.widgets.letter_pages import LetterPages, PageReader
from ui.widgets.preview import LivePreview


@pytest.fixture
def frames() -> Iterator[PreviewMailbox]:
    frames = PreviewMailbox()
    yield frames
    frames.close()


@pytest.fixture
def photo(qtbot: QtBot, theming: ThemeContext, frames: PreviewMailbox) -> PaperPhoto:
    photo = PaperPhoto(theming, frames)
    qtbot.addWidget(photo)
    photo.resize(900, 500)
    photo.show()
    return photo


def test_the_live_picture_gives_way_to_the_photo_which_is_read_large(photo: PaperPhoto) -> None:
    photo.render_photo(Sight(is_live=True))
    preview, pages = photo.findChild(LivePreview), photo.findChild(LetterPages)
    assert preview is not None
    assert pages is not None
    assert (preview.isVisible(), pages.isVisible(), photo.keys) == (True, False, ())
    photo.render_photo(Sight(jpeg=jpeg(1_200, 900)))
    assert (preview.isVisible(), pages.isVisible(), photo.keys) == (False, True, (Action.READ,))
    assert photo.perform(Action.READ)
    assert photo.window().findChild(PageReader) is not None
    assert not photo.perform(Action.NEXT_STEP)
    photo.render_photo(Sight(is_live=True))
    assert (preview.isVisible(), pages.isVisible()) == (True, False)


def test_frames_are_watched_only_while_it_looks(qtbot: QtBot, photo: PaperPhoto, frames: PreviewMailbox) -> None:
    photo.render_photo(Sight())
    frames.offer(jpeg())
    preview = photo.findChild(LivePreview)
    assert preview is not None
    qtbot.waitUntil(lambda: not preview.grab().toImage().isNull() and frames.take() is None and frames.fps() == 1)
    photo.render_photo(Sight(jpeg=jpeg()))
    frames.offer(jpeg())
    qtbot.waitUntil(lambda: frames.fps() == 2)
    assert frames.take() is not None, "nobody took it"


def test_why_there_is_no_picture_is_said_in_its_place(
    qtbot: QtBot, photo: PaperPhoto, theming: ThemeContext, frames: PreviewMailbox
) -> None:
    problem = Problem("device.none.camera")
    photo.render_photo(Sight(is_live=True))
    frames.offer(jpeg())
    qtbot.waitUntil(lambda: frames.fps() == 1)
    photo.render_photo(Sight(away=problem))
    assert theming.say(problem) in [each.text for each in drawn_by(photo)]
