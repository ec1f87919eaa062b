"""Sample screens of the office, built from the widgets."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.presenters.figures import StepMark
from ui.presenters.parts import Tag, Tone
from ui.presenters.planning.steps import Fact, TimelineStep
from ui.presenters.presenter import CHOICES, Command
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Card
from ui.widgets.layout import Role, Text
from ui.widgets.numbers import FactList, WayList
from ui.widgets.quality_panel import SopTimeline

MINE = Tag("Giliran Anda", Tone.CAUTION)
STEPS = (
    TimelineStep(1, "Pemohon mengajukan surat permohonan", StepMark.DONE, ("Pemohon", "4 menit, standar 5 menit")),
    TimelineStep(2, "Kepala Dinas mendisposisi surat", StepMark.DONE, ("Kepala Dinas",), Tag("Lambat", Tone.BAD)),
    TimelineStep(3, "Bidang Dafduk memverifikasi data sasaran", StepMark.EXCEPTED, ("Bidang Dafduk",), Tag("Dilewati")),
    TimelineStep(4, "Kepala Dinas melakukan TTE surat balasan", StepMark.CURRENT, ("Kepala Dinas",), MINE),
    TimelineStep(5, "Pemohon menerima surat balasan", StepMark.PENDING, ("Pemohon",)),
)
WAYS = tuple(
    Command("pressed", words, act)
    for words, act in zip(("Tanda tangani surat", "Nyatakan selesai", "Tulis catatan"), CHOICES, strict=False)
)
FACTS = (
    Fact("Kepala dinas", head="Dikerjakan oleh"),
    Fact("standar 10 menit", head="Waktu"),
    Fact("Draft surat balasan", Tone.GOOD, "Kelengkapan"),
    Fact("Data sasaran yang sudah diverifikasi", Tone.CAUTION),
    Fact("Surat balasan yang sudah TTE", head="Hasil"),
)


def kegiatan(theming: ThemeContext, content: QWidget) -> None:
    row = QHBoxLayout(content)
    row.setContentsMargins(24, 24, 24, 14)
    row.setSpacing(16)
    steps, side = Card(theming), Card(theming)
    steps.set_title("Si Jaran Ijo · 3 dari 5 langkah")
    timeline = SopTimeline(theming)
    timeline.render_timeline(STEPS, 4)
    steps.body.addWidget(timeline, 1)
    facts, ways = FactList(theming), WayList(theming)
    facts.render_facts(FACTS)
    ways.render_ways(WAYS)
    column = QVBoxLayout()
    for widget in (Text(Role.SECTION, "Langkah 4"), facts):
        column.addWidget(widget)
    column.addStretch(1)
    column.addWidget(ways)
    side.body.addLayout(column)
    side.setFixedWidth(464)
    row.addWidget(steps, 1)
    row.addWidget(side)
