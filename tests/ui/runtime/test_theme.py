from __future__ import annotations

import re
from importlib.resources import files
from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from ui.presenters.activity_mark import HUES
from ui.presenters.parts import Tone
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext, ThemeName, Tokens, draw_icon, icon_pixmap, load_tokens, stylesheet

GROUNDS = ("page", "surface", "accent_soft", "good_soft", "caution_soft", "bad_soft", "neutral_soft")
PAIRS = (
    *product(("text", "text_muted"), GROUNDS),
    *((ink, ground) for ink in ("good", "caution", "bad", "accent") for ground in ("surface", f"{ink}_soft")),
    ("on_primary", "primary"),
    *product(("strip_text",), ("strip", "strip_pill")),
    ("preview_text", "preview_chip"),
    ("preview_text", "preview"),
    ("text_muted", "skin"),
)
# Shapes and outlines carry meaning without being text: WCAG 2.2, 1.4.11 asks 3:1.
SHAPES = (
    *product(("light_good", "light_caution", "light_bad", "light_off"), ("strip", "strip_pill", "preview")),
    *product(("outline_strong", "primary"), ("page", "surface", "skin")),
)


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = QColor(colour).getRgbF()[:3]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def contrast(tokens: Tokens, one: str, other: str) -> float:
    return ratio(getattr(tokens, one), getattr(tokens, other))


def test_the_measure_is_the_one_of_wcag() -> None:
    assert (luminance("#FFFFFF") + 0.05) / (luminance("#000000") + 0.05) == pytest.approx(21)


@pytest.mark.parametrize("name", ThemeName)
def test_text_has_contrast_of_7_to_1_on_every_ground(name: ThemeName) -> None:
    tokens = load_tokens(name)
    weak = {pair: round(contrast(tokens, *pair), 2) for pair in PAIRS if contrast(tokens, *pair) < 7}
    assert weak == {}


@pytest.mark.parametrize("name", ThemeName)
def test_shapes_have_contrast_of_3_to_1(name: ThemeName) -> None:
    tokens = load_tokens(name)
    weak = {pair: round(contrast(tokens, *pair), 2) for pair in SHAPES if contrast(tokens, *pair) < 3}
    assert weak == {}


@pytest.mark.parametrize("name", ThemeName)
def test_the_colours_of_activities_are_read_on_their_ground_and_as_one(name: ThemeName) -> None:
    tokens = load_tokens(name)
    assert len({tone for tone, _ in tokens.activity}) == HUES
    pairs = [pair for tone, soft in tokens.activity for pair in ((tone, soft), (tone, tokens.on_primary))]
    assert [pair for pair in pairs if ratio(*pair) < 7] == []


@pytest.mark.parametrize("name", ThemeName)
def test_sizes_can_be_read_and_pressed(name: ThemeName) -> None:
    tokens = load_tokens(name)
    assert min(size for role, size in tokens.font.items() if role != "fact") >= 16
    assert tokens.font["fact"] == 14, "facts beside something, never an instruction"
    assert min(tokens.size["button"], tokens.size["row"], tokens.size["target"]) >= 48
    assert tuple(tokens.space.values()) == (4, 8, 16, 24, 32)


def test_inter_is_the_font_in_force(theming: ThemeContext) -> None:
    assert QFontInfo(QApplication.font()).family() == "Inter"
    assert theming.theme.font("number").pixelSize() == 34


def test_a_change_of_theme_restyles_and_tells(theming: ThemeContext) -> None:
    heard: list[ThemeName] = []
    theming.theme.changed.connect(lambda: heard.append(theming.theme.name))
    seen = []
    for _ in ThemeName:
        seen.append(theming.theme.name)
        theming.theme.choose_next()
        page = QApplication.palette().color(QPalette.ColorRole.Window)
        assert page == theming.theme.colour("page")
    assert seen == list(ThemeName)
    assert theming.theme.name is ThemeName.TERANG
    assert len(heard) == 3


def test_every_tone_has_its_own_ink_and_ground(theming: ThemeContext) -> None:
    assert len({theming.theme.ink(tone).name() for tone in Tone}) == len(Tone)
    assert len({theming.theme.ground(tone).name() for tone in Tone}) == len(Tone)
    assert theming.theme.ink(Tone.BAD) != QColor(Qt.GlobalColor.black)


@pytest.mark.parametrize("name", ThemeName)
def test_a_theme_that_lacks_a_colour_is_no_theme(name: ThemeName) -> None:
    whole = vars(load_tokens(name))
    for lacking in whole:
        with pytest.raises(KeyError, match=lacking):
            Tokens({other: value for other, value in whole.items() if other != lacking})
    assert set(load_tokens(name).colours()) == {each for each, value in whole.items() if isinstance(value, str)}


@pytest.mark.parametrize("name", ThemeName)
def test_only_colours_of_the_tokens_stand_in_it(name: ThemeName) -> None:
    tokens = load_tokens(name)
    sheet = stylesheet(tokens)
    assert "$" not in sheet
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", sheet)) <= set(tokens.colours().values())
    assert tokens.focus in sheet


NAMES = sorted(entry.name.removesuffix(".svg") for entry in files("assets").joinpath("icons").iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_in_the_colour_asked_for(qtbot: QtBot, name: str) -> None:
    image = icon_pixmap(name, QColor("#A61B1B"), 24, 2.0).toImage()
    opaque = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert image.width() == 48
    assert len(opaque) > 40
    assert {colour.name() for colour in opaque} == {"#a61b1b"}


def test_an_icon_is_painted_at_its_place(qtbot: QtBot) -> None:
    image = QImage(60, 60, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    draw_icon(painter, "check", QColor("black"), 30, 30, 24)
    painter.end()
    dark = [(x, y) for x in range(60) for y in range(60) if image.pixelColor(x, y).lightness() < 128]
    assert dark
    assert min(x for x, _ in dark) >= 30
    assert min(y for _, y in dark) >= 30


def test_an_unknown_icon_is_a_bug(qtbot: QtBot) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("unicorn", QColor("black"), 24)


def test_it_says_words_and_gives_the_tokens_in_force(theming: ThemeContext) -> None:
    assert theming.say(message("act.back")) == "Kembali"
    assert theming.tokens is theming.theme.tokens


def test_literal_text_stays_and_phrases_follow_the_language(theming: ThemeContext) -> None:
    catalog = theming.catalog
    heard: list[str] = []
    catalog.changed.connect(lambda: heard.append(catalog.language))
    assert catalog.say("SITI {x}\nRT 2") == "SITI {x}\nRT 2"
    assert catalog.say("a\u202egpj.exe\x1b") == "a\\u202egpj.exe\\x1b"
    assert catalog.say(message("ui.devices_ready", count=4)) == "4 alat siap"
    catalog.choose_next()
    assert catalog.say(message("ui.devices_ready", count=4)) == "4 devices ready"
    catalog.choose("en")
    catalog.choose_next()
    assert heard == ["en", "id"]


def test_a_problem_reads_as_three_sentences(theming: ThemeContext) -> None:
    told = theming.catalog.explain(Problem("ui.bug"))
    assert told.what
    assert told.safe
    assert told.do


def test_a_language_without_catalogue_is_refused(theming: ThemeContext) -> None:
    with pytest.raises(KeyError):
        theming.catalog.choose("jv")
    assert theming.catalog.language == "id"
