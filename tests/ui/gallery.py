"""Pictures of all widgets in sample screens: `python tests/ui/gallery.py out/gallery`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from office_gallery import draw_office
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QWidget
from samples import EMPTY, beranda, foto, kirim, perekaman, sarpras, tinjau
from samples_office import kegiatan

from fieldkit.app.bootstrap.catalogue import LANGUAGES, field_catalogue
from fieldkit.domain.errors import Problem
from ui.presenters.parts import Bar, Indicator, Light, Progress, Stage, StatusBar, Toast, Tone, ViewState
from ui.presenters.presenter import Action, Command, Presenter, Weight
from ui.runtime.navigation import Page
from ui.runtime.theme import Catalog, Theme, ThemeContext, ThemeName
from ui.runtime.typist import grab
from ui.views.screen import Screen
from ui.views.shell import Shell

BACK = Command("back", "Kembali", Action.BACK, Weight.PLAIN)


def status_bar() -> StatusBar:
    ready = tuple(Indicator(word, Light.READY) for word in ("Jari", "Iris", "Kamera", "Tanda tangan"))
    return StatusBar(
        (*ready, Indicator("Kartu", Light.OFF)),
        Indicator("Luring", Light.CAUTION),
        "7 belum terkirim",
        64,
        "212 GB",
        "Petugas A",
    )


class Sample(Screen[ViewState]):
    """A screen built by a function; every intent goes nowhere."""

    pressed = Signal()

    def __init__(self, theming: ThemeContext, build: Callable[[ThemeContext, QWidget], None]) -> None:
        super().__init__(theming)
        build(theming, self.content)

    def show_state(self, state: ViewState) -> None:
        pass


@dataclass(frozen=True)
class Picture:
    name: str
    build: Callable[[ThemeContext, QWidget], None]
    state: ViewState


PRIMARY = Command("pressed", "Terima dan lanjut", Action.ACCEPT, Weight.PRIMARY)
REFUSED = Command("pressed", "Segel rekaman", Action.ACCEPT, Weight.PRIMARY, refused="Iris kiri belum direkam.")
RECORDING = Bar(
    BACK,
    (
        Command("pressed", "Pengecualian", Action.EXCEPTION, Weight.PLAIN),
        Command("pressed", "Ulangi", Action.REPEAT),
        PRIMARY,
    ),
)
HOME = Bar(None, (Command("pressed", "Kunci layar", Action.LOCK, Weight.PLAIN),), "Terakhir terhubung kemarin 16.42")
PERSON = "MIS••• · 350512••••••••07"
UNDO = Toast("Percobaan 2 dihapus.", Tone.CAUTION, Command("pressed", "Urungkan", Action.UNDO))
NO_DISK = Problem("nik.not_16_digits")

PICTURES = (
    Picture("beranda", beranda, ViewState(where="Desa Jimbe · 12 sasaran", bar=HOME)),
    Picture("perekaman", perekaman, ViewState(where=PERSON, bar=RECORDING)),
    Picture("tinjau", tinjau, ViewState(where=PERSON, bar=Bar(BACK, (REFUSED,)), toast=UNDO)),
    Picture("kirim", kirim, ViewState(where="Desa Jimbe · 12 sasaran", bar=Bar(BACK, (PRIMARY,)))),
    Picture("sarpras", sarpras, ViewState(where="Sarpras keluar · Kit 07", bar=Bar(BACK, (PRIMARY,)))),
    Picture("foto", foto, ViewState(where=PERSON, bar=Bar(BACK))),
    Picture("kegiatan", kegiatan, ViewState(where="Desa Jimbe · 12 sasaran", bar=Bar(BACK, (PRIMARY,)))),
    Picture("galat", kirim, ViewState(stage=Stage.ERROR, problem=NO_DISK, retry=PRIMARY, bar=Bar(BACK))),
    Picture("peringatan", beranda, ViewState(problem=NO_DISK, retry=PRIMARY, bar=Bar(BACK))),
    Picture("kosong", kirim, ViewState(stage=Stage.EMPTY, empty=EMPTY, bar=Bar(BACK))),
    Picture("membuka", kirim, ViewState(stage=Stage.LOADING, bar=Bar(BACK))),
    Picture(
        "sibuk",
        kirim,
        ViewState(stage=Stage.BUSY, bar=Bar(BACK), progress=Progress("Menyegel", 2, 5, "3 detik lagi", BACK)),
    ),
)


def open_shell(theming: ThemeContext, pictures: tuple[Picture, ...] = PICTURES) -> Shell:
    """Return the window with every sample screen registered by its name."""
    shell = Shell(theming)
    shell.render_status_bar(status_bar())
    for picture in pictures:
        shell.navigation.register(
            picture.name, lambda _params, p=picture: Page(Presenter(p.state), Sample(theming, p.build))
        )
    return shell


def draw(theming: ThemeContext, folder: Path) -> None:
    """Write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    shell = open_shell(theming)
    shell.show()
    for picture in PICTURES:
        shell.navigation.restart(picture.name)
        grab(shell, folder / f"{picture.name}.png")
    for act in (Action.HELP, Action.BLANK):
        shell.perform(act)
        grab(shell, folder / f"{act.value}.png")
        shell.focusWidget().close_overlay()
    shell.lock.lock("Petugas A")
    grab(shell, folder / "lock.png")
    shell.lock.close_overlay()
    shell.resize(1024, 700)
    for name in ("beranda", "perekaman"):
        shell.navigation.restart(name)
        grab(shell, folder / f"{name}-1024.png")
    shell.resize(1366, 768)
    for theme in (ThemeName.MALAM, ThemeName.KONTRAS_TINGGI):
        theming.theme.choose(theme)
        for name in ("perekaman", "kirim"):
            shell.navigation.restart(name)
            grab(shell, folder / f"{name}-{theme.value}.png")
    theming.theme.choose(ThemeName.TERANG)
    shell.close()


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theming = ThemeContext(Theme(app), Catalog({name: field_catalogue(name) for name in LANGUAGES}))
    draw(theming, Path(sys.argv[1]))
    office = Shell(theming)
    office.show()
    draw_office(office, theming, Path(sys.argv[1]))
    office.close()
