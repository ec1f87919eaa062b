from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import StepKind
from ui.presenters.figures import QualityRow
from ui.presenters.messages import message
from ui.presenters.parts import Tag, Tone
from ui.presenters.recording.state import RecordingState
from ui.runtime.theme_context import ThemeContext
from ui.views.recording.side import SidePanel
from ui.widgets.text import Text

STATE = replace(RecordingState(), current=StepKind.RIGHT_FOUR)


def test_it_tells_scores_advice_and_trouble(qtbot: QtBot, theming: ThemeContext) -> None:
    side = SidePanel(theming)
    qtbot.addWidget(side)
    side.show()

    def said(state: RecordingState) -> str:
        side.show_state(state)
        return "\n".join(text.text() for text in side.findChildren(Text) if text.isVisible())

    assert "Alat mengambil sendiri begitu semua diam" in said(STATE)
    assert "pena" in said(replace(STATE, current=StepKind.SIGNATURE))
    low = replace(STATE, advice_title="Telunjuk", advice=message("rekam.hint.finger_1", score=31, enough=40))
    assert "Nilai 31, perlu 40." in said(low)
    missing = said(replace(low, advice=Problem("device.sbi.missing")))
    assert "tidak ikut terambil" in missing
    assert "Letakkan semua jari rata" in missing
    trouble = said(replace(low, trouble=Problem("device.none.fingerprint")))
    assert "Tidak ada pemindai sidik jari" in trouble
    assert "Nilai 31" not in trouble
    excepted = QualityRow("Telunjuk", "", Tag(message("verdict.excepted"), Tone.CAUTION))
    assert "membatalkan pengecualian" in said(replace(STATE, rows=(excepted,)))
    assert "Pembandingan" in said(replace(STATE, current=StepKind.INDEX_VERIFICATION))
