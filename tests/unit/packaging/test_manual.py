"""The manual follows the program's own words: what it prints bold stands on a screen, what it types is a command."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from fieldkit.documents.signature_check import draw_pages
from ui.presenters.presenter import Action

ROOT = Path(__file__).parents[3]
CHAPTERS = sorted((ROOT / "docs" / "panduan").glob("*.md"))
ROBOT = (ROOT / "fieldkit" / "app" / "demo" / "robot.py").read_text("utf-8")
# Which screens bear a kind of capture step in their picture's name.
KINDS = ("right_four", "left_four", "thumbs", "iris", "photo", "signature")
# Whose commands a task presses; under ui/presenters.
WALKED = {
    "petugas": {
        "Merekam satu orang": ("home/home targets/targets recording/panels recording/state recording/review"),
        "Pengecualian": "recording/state home/home letters/letters letters/letter sarpras/checklist",
        "Datang sendiri": "home/home home/office visits/visits visits/visit",
        "Tanpa NIK": "visits/visits visits/visit letters/letters letters/letter recording/state",
        "Bila terhenti": "home/home recording/state",
    },
    "ketua-tim": {
        "Sebelum berangkat": "home/home home/field sarpras/checklist",
        "Beberapa laptop satu tim": "exchange/exchange home/home home/field",
    },
    "pengirim": {
        "Mengirim": "home/home delivery/queue recording/review",
        "Rekaman yang ditahan": "delivery/queue",
        "Tanpa jaringan": "delivery/queue delivery/stick_work",
    },
    "kantor": {
        "Surat": "home/home letters/letters",
        "Sarpras": "home/home sarpras/inventory",
        "Cetak dan blangko": "cards/prints",
    },
    "admin": {
        "Laptop baru": "targets/targets",
        "Tidak bisa masuk": "home/sign_in",
        "Cadangan": "home/home delivery/queue",
    },
}
PRESSED = re.compile(r"((?:(?:Ctrl|Shift) )?(?:F\d+|Enter|Esc|Spasi|Ins|titik|[A-Z\d])) \(\*\*([^*]+)\*\*\)")
NOT_ON_A_SCREEN = {"Tulisan tebal", "Kasi dan Kabid", "Kepala dinas", "Pengurus barang", "Loket", "Operator cetak"}


@pytest.fixture(scope="module")
def manual() -> ModuleType:
    spec = importlib.util.spec_from_file_location("manual", ROOT / "packaging" / "manual.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    rooms = (tomllib.loads(room.read_text("utf-8")) for room in (ROOT / "assets" / "i18n" / "id").glob("*.toml"))
    return {key: text for room in rooms for key, text in room.items() if isinstance(text, str)}


@pytest.fixture(scope="module")
def words(catalogue: dict[str, str]) -> set[str]:
    return set(catalogue.values())


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_what_is_bold_stands_on_a_screen(chapter: Path, words: set[str]) -> None:
    bold = {" ".join(found.split()) for found in re.findall(r"\*\*([^*]+)\*\*", chapter.read_text("utf-8"))}
    assert bold - NOT_ON_A_SCREEN - words == set()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_every_key_that_it_names_is_one_of_the_program(chapter: Path) -> None:
    text = re.sub(r"`[^`]*`|\*\*[^*]*\*\*|\([^)]*\.png\)", "", chapter.read_text("utf-8"))
    known = {cap if isinstance(cap := act.cap, str) else "Spasi" for act in Action}
    named = set(re.findall(r"\b(?:(?:Ctrl|Shift|Alt) )?F\d+\b|\bCtrl [A-Z]\b|\bEsc\b|\bEnter\b|\bSpasi\b", text))
    single = set(re.findall(r"(?<![\w.–-])([A-Z])(?=[ ,.:](?:[a-z]|di\b|mengulang|mencatat|\*\*|Layar))", text))
    assert named | single <= known


@pytest.mark.parametrize(("chapter", "heading"), [(name, each) for name in WALKED for each in WALKED[name]])
def test_what_a_task_presses_is_a_command_of_its_screens(chapter: str, heading: str, catalogue: dict[str, str]) -> None:
    """`KEY (**words**)`: a presenter of the task has a command with this key, and these words."""
    chapters = (ROOT / "docs" / "panduan" / f"{chapter}.md").read_text("utf-8")
    task = " ".join(chapters.partition(f"\n## {heading}\n")[2].partition("\n## ")[0].split())
    sources = [ROOT / "ui" / "presenters" / f"{module}.py" for module in WALKED[chapter][heading].split()]
    text = "".join(source.read_text("utf-8") for source in sources)
    acts = {Action[name] for name in re.findall(r"\bAction\.([A-Z_\d]+)", text)}
    acts |= {act for helper, act in (("enter", Action.ACCEPT), ("leave", Action.BACK)) if f"{helper}(" in text}
    caps = {str(act.cap) if act is not Action.CAPTURE else "Spasi" for act in acts}
    said = {catalogue.get(key) for key in re.findall(r"[\"']([a-z_]+\.[a-z_.\d]+)[\"']", text)}
    pressed = PRESSED.findall(task)
    assert pressed
    assert {(key, words) for key, words in pressed if words not in said} == set()
    assert {key for key, _ in pressed if not key.isdigit() and key.replace("titik", ".") not in caps} == set()


def test_the_keys_of_the_recording_are_those_of_the_program() -> None:
    text = (ROOT / "docs" / "panduan" / "petugas.md").read_text("utf-8")
    for act, named in (
        (Action.CAPTURE, "Spasi mengambil"),
        (Action.REPEAT, "R mengulang"),
        (Action.EXCEPTION, "X (**Pengecualian**)"),
    ):
        assert named in " ".join(text.split())
        assert named.split()[0] in ("Spasi", act.cap)


def commands_in(text: str) -> list[list[str]]:
    """Return the words of each `fieldkit …` that a page has in its sentences or stands alone in a block."""
    spans = re.findall(r"(?<!`)`fieldkit\s+([^`]+)`", text)
    lines = re.findall(
        r"^(?:sudo [^\n]*?)?fieldkit ([^\n#|&>]+)", "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.S)), re.M
    )
    return [each.split() for each in (*spans, *lines)]


@cache
def all_commands() -> Any:  # typer brings its own kind of group
    """Return the program's commands; to build them takes half a second."""
    from typer.main import get_command

    from fieldkit.app.cli.commands import app

    return get_command(app)


def asked(words: list[str]) -> tuple[set[str], set[str], set[str]]:
    """Return the options that a command line names, those there are, and those that it cannot do without."""
    command = all_commands()
    for word in words:
        if word.startswith(("-", "…")) or not getattr(command, "commands", None):
            break
        assert word in command.commands, " ".join(words)
        command = command.commands[word]
    options = [each for each in command.params if any(name.startswith("--") for name in each.opts)]
    known = {name for each in options for name in (*each.opts, *each.secondary_opts)} | {"--help"}
    needed = {each.opts[0] for each in options if each.required}
    return {word.partition("=")[0].rstrip(",.;") for word in words if word.startswith("--")}, known, needed


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_every_command_and_every_page_that_it_names_exists(chapter: Path) -> None:
    text = chapter.read_text("utf-8")
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= set(targets)
    for words in commands_in(text):
        named, known, needed = asked(words)
        assert named <= known, words
        assert not named or needed <= named, words  # one that is only named has no options at all
    for link in re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", text):
        assert (chapter.parent / link).exists(), link


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_every_command_that_a_page_for_technicians_names_exists(page: Path) -> None:
    for words in commands_in(page.read_text("utf-8")):
        named, known, _ = asked(words)
        assert named <= known, words


def test_every_picture_is_one_of_the_demo(manual: ModuleType) -> None:
    shot = set(re.findall(r'self\.shoot\("([\w-]+)"', ROBOT)) | {f"perekaman-{kind}" for kind in KINDS}
    assert len(manual.pictures()) >= 6
    assert set(manual.pictures()) <= shot


@pytest.mark.days
def test_the_manual_is_one_pdf_too(manual: ModuleType, tmp_path: Path, qapp: QApplication) -> None:
    for name in manual.pictures():
        QImage(40, 20, QImage.Format.Format_RGB32).save(str(tmp_path / f"{name}.png"))
    manual.write(tmp_path, tmp_path / "out")
    pages = draw_pages(manual.write_pdf(tmp_path / "out").read_bytes(), most=len(CHAPTERS))
    assert len(pages) == len(CHAPTERS), "each begins on a page of its own"
    first = QImage.fromData(pages[0]).convertToFormat(QImage.Format.Format_Grayscale8)
    assert min(bytes(first.constBits())[: first.sizeInBytes() // 4]) < 100, "nothing is written there"


def test_the_pages_lead_to_each_other_and_show_their_pictures(manual: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "screenshots"
    folder.mkdir()
    for number, name in enumerate(manual.pictures()):
        (folder / f"{number:02}-{name}.png").write_bytes(b"PNG")
    first = manual.write(folder, tmp_path / "out")
    pages = {page.name: page.read_text("utf-8") for page in (tmp_path / "out").glob("*.html")}
    assert first.name in pages
    assert len(pages) == len(CHAPTERS)
    assert 'href="petugas.html"' in pages["index.html"]
    for page in pages.values():
        for source in re.findall(r'src="([^"]+)"', page):
            assert (tmp_path / "out" / source).is_file()
