"""Tokens of the look and what Qt makes of them: palette, stylesheet, fonts. What has a shape paints itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from string import Template
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtWidgets import QApplication

from assets import FOLDER
from fieldkit.domain.errors import Problem
from fieldkit.domain.shown import shown
from fieldkit.ports.messages import Messages, ProblemText
from ui.presenters.parts import Tone
from ui.presenters.picking import Recent
from ui.presenters.presenter import CatalogMessage, Message

# Icons of `assets/icons` (SVG drawn with `currentColor`) in any colour and size.


@cache
def _source(name: str) -> str:
    return (FOLDER / "icons" / f"{name}.svg").read_text("utf-8")


def icon_pixmap(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """Return an icon of `size` px at a device pixel ratio. Raise `FileNotFoundError` for an unknown name."""
    key = f"icon:{name}:{colour.name()}:{size}:{ratio}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    from PySide6.QtSvg import QSvgRenderer  # on demand: the sign-in screen has no icons

    svg = _source(name).replace("currentColor", colour.name())
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def draw_icon(painter: QPainter, name: str, colour: QColor, x: float, y: float, size: int) -> None:
    """Paint an icon with its upper left corner at x, y."""
    ratio = painter.device().devicePixelRatio()
    pixmap = icon_pixmap(name, colour, size, ratio)
    painter.drawPixmap(QRectF(x, y, size, size), pixmap, QRectF(pixmap.rect()))


_TEXT = Template("""
QWidget { color: $text; font-size: ${font_text}px; }
QMainWindow, QWidget[role="page"] { background: $page; }
QWidget[role="strip"] { background: $strip; }
QWidget[role="rail"] { background: $neutral_soft; border-right: 1px solid $outline; }
QWidget[role="bar"] { background: $surface; border-top: 2px solid $outline; }
QWidget[role="surface"] { background: $surface; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${font_title}px; font-weight: 700; }
QLabel[role="section"] { font-size: ${font_section}px; font-weight: 600; }
QLabel[role="lead"] { font-size: ${font_lead}px; }
QLabel[role="number"] { font-size: ${font_number}px; font-weight: 700; }
QLabel[role="fact"] { font-size: ${font_fact}px; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: $text_muted; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="caution"] { color: $caution; }
QLabel[tone="bad"] { color: $bad; }
QLabel[tone="soft"] { color: $accent; }
QLabel[on="strip"] { color: $strip_text; }
QLabel[on="primary"] { color: $on_primary; }
QToolTip { background: $text; color: $surface; border: 0; padding: ${space_sm}px; }
""")

_INPUT = Template("""
QLineEdit, QComboBox, QPlainTextEdit, QDateEdit, QSpinBox {
    background: $surface; border: 2px solid $outline_strong; border-radius: ${radius_button}px;
    padding: 0 ${space_md}px; min-height: ${target_inner}px; selection-background-color: $primary;
    selection-color: $on_primary; placeholder-text-color: $text_muted; }
QPlainTextEdit { padding: ${space_sm}px ${space_md}px; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QDateEdit:focus, QSpinBox:focus {
    border: 3px solid $focus; padding: 0 ${focused_padding}px; }
QLineEdit[tone="bad"], QComboBox[tone="bad"], QDateEdit[tone="bad"] { border-color: $bad; }
QLineEdit:disabled, QComboBox:disabled { background: $page; color: $text_muted; }
QLineEdit[role="finder"], QLineEdit[role="finder"]:focus { border: 0; padding: 0; font-size: ${font_section}px; }
QComboBox::drop-down { border: 0; width: 36px; }
QComboBox QAbstractItemView { background: $surface; border: 2px solid $outline_strong; outline: 0; }
""")

_LIST = Template("""
QAbstractItemView { background: $surface; border: 0; outline: 0; }
QAbstractItemView[role="framed"] { border: 1px solid $outline; border-radius: ${radius_button}px; }
QAbstractItemView[role="picks"] { border: 2px solid $outline_strong; border-radius: ${radius_button}px; }
QHeaderView { background: $surface; }
QHeaderView::section { background: $surface; color: $text_muted; border: 0; border-bottom: 1px solid $outline;
    padding: 0 ${space_sm}px; font-size: ${font_text}px; min-height: 40px; }
QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 14px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 14px; margin: 2px; }
QScrollBar::handle { background: $outline_strong; border-radius: 5px; min-height: 48px; min-width: 48px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")
FAMILY = "Inter"


def stylesheet(tokens: Tokens) -> str:
    """Return the stylesheet of a theme."""
    values: dict[str, object] = dict(tokens.colours())
    values |= {f"font_{name}": size for name, size in tokens.font.items()}
    values |= {f"space_{name}": size for name, size in tokens.space.items()}
    values |= {f"radius_{name}": size for name, size in tokens.radius.items()}
    values["target_inner"] = tokens.size["target"] - 4
    values["focused_padding"] = tokens.space["md"] - 1
    return "".join(part.substitute(values) for part in (_TEXT, _INPUT, _LIST))


class ThemeName(StrEnum):
    """The themes of `assets/tokens.json`, in the order of the theme key."""

    TERANG = "terang"
    MALAM = "malam"
    KONTRAS_TINGGI = "kontras_tinggi"


class Tokens:
    """Colours of one theme as `#RRGGBB`; sizes, spaces, radii and font sizes in px of 100 %, lines in px.

    Text stands 7:1 against its ground by day and night.
    """

    page: str
    surface: str
    text: str
    text_muted: str
    outline: str
    outline_strong: str
    strip: str
    strip_pill: str
    strip_text: str
    primary: str
    on_primary: str
    accent: str
    accent_soft: str
    good: str
    good_soft: str
    caution: str
    caution_soft: str
    bad: str
    bad_soft: str
    neutral_soft: str
    skin: str
    focus: str
    light_good: str
    light_caution: str
    light_bad: str
    light_off: str
    preview: str
    preview_text: str
    preview_chip: str
    activity: Sequence[Sequence[str]]  # of each hue the tone and its soft ground
    size: Mapping[str, int]
    space: Mapping[str, int]
    radius: Mapping[str, int]
    line: Mapping[str, float]
    font: Mapping[str, int]

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Take one value for each name. Raise `KeyError`."""
        # No dataclass: making one with so many fields is a hundredth of the time until somebody can sign in.
        vars(self).update({name: values[name] for name in Tokens.__annotations__})

    def ink(self, tone: Tone) -> str:
        """Return the colour of text and lines of a tone."""
        inks = {Tone.GOOD: self.good, Tone.CAUTION: self.caution, Tone.BAD: self.bad, Tone.SOFT: self.accent}
        return inks.get(tone, self.text_muted)

    def ground(self, tone: Tone) -> str:
        """Return the soft ground of a tone."""
        grounds = {
            Tone.GOOD: self.good_soft,
            Tone.CAUTION: self.caution_soft,
            Tone.BAD: self.bad_soft,
            Tone.SOFT: self.accent_soft,
        }
        return grounds.get(tone, self.neutral_soft)

    def colours(self) -> dict[str, str]:
        """Return the colours by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, str)}


def load_tokens(name: ThemeName) -> Tokens:
    """Read one theme of `assets/tokens.json`."""
    table = json.loads((FOLDER / "tokens.json").read_text("utf-8"))
    return Tokens({**table, **table["theme"][name]})


def load_fonts() -> None:
    """Give Qt the Inter fonts of `assets/fonts`."""
    for path in (FOLDER / "fonts").glob("*.ttf"):
        QFontDatabase.addApplicationFont(str(path))


class Theme(QObject):
    """The look in force. Widgets read `tokens` whenever they paint; a change restyles all of them."""

    changed = Signal()

    def __init__(self, app: QApplication, name: ThemeName = ThemeName.TERANG) -> None:
        super().__init__(app)
        self._app = app
        self._name = name
        self.scale = self.wanted_scale = 1.0  # of this start, and of the next
        self._tokens = load_tokens(name)
        self._fonts: dict[tuple[str, QFont.Weight], QFont] = {}  # a list that opens writes in hundreds of cells
        load_fonts()
        app.setFont(self.font("text"))
        self._dress()

    @property
    def name(self) -> ThemeName:
        """Return the name of the theme in force."""
        return self._name

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in force."""
        return self._tokens

    def choose(self, name: ThemeName) -> None:
        """Change the theme of the running program."""
        if name is self._name:
            return
        self._name = name
        self._tokens = load_tokens(name)
        self._fonts.clear()
        self._dress()
        self.changed.emit()

    def choose_next(self) -> None:
        """Change to the next theme."""
        names = tuple(ThemeName)
        self.choose(names[(names.index(self._name) + 1) % len(names)])

    def font(self, size: str, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return Inter in a size of the tokens (`text`, `section`, `title`, `number`); nobody changes it."""
        font = self._fonts.get((size, weight))
        if font is None:
            font = self._fonts[size, weight] = QFont(FAMILY)
            font.setPixelSize(self._tokens.font[size])
            font.setWeight(weight)
        return font

    def colour(self, name: str) -> QColor:
        """Return a colour of the tokens by name."""
        return QColor(getattr(self._tokens, name))

    def hue(self, of: int, *, is_soft: bool = False) -> QColor:
        """Return the tone of an activity, or its soft ground."""
        return QColor(self._tokens.activity[of][is_soft])

    def ink(self, tone: Tone) -> QColor:
        """Return the colour of text and lines of a tone."""
        return QColor(self._tokens.ink(tone))

    def ground(self, tone: Tone) -> QColor:
        """Return the soft ground of a tone."""
        return QColor(self._tokens.ground(tone))

    def _dress(self) -> None:
        self._app.setPalette(self._palette())
        self._app.setStyleSheet(stylesheet(self._tokens))

    def _palette(self) -> QPalette:
        roles = {
            QPalette.ColorRole.Window: "page",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "surface",
            QPalette.ColorRole.AlternateBase: "page",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.PlaceholderText: "text_muted",
            QPalette.ColorRole.Button: "surface",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.Highlight: "primary",
            QPalette.ColorRole.HighlightedText: "on_primary",
            QPalette.ColorRole.ToolTipBase: "text",
            QPalette.ColorRole.ToolTipText: "surface",
            QPalette.ColorRole.Link: "accent",
        }
        palette = QPalette()
        for role, name in roles.items():
            palette.setColor(role, self.colour(name))
        return palette


# What every widget is given: the theme and the language in force, and what was picked lately.


class Catalog(QObject):
    """The catalogues of the program, one per language ("id", "en"); the first is where it starts."""

    changed = Signal()

    def __init__(self, catalogues: Mapping[str, Messages], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogues = catalogues
        self._language = next(iter(catalogues))

    @property
    def language(self) -> str:
        """Return the language in force."""
        return self._language

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that have a catalogue."""
        return tuple(self._catalogues)

    def choose(self, language: str) -> None:
        """Change the language of the running program. Raise `KeyError` when it has no catalogue."""
        if language == self._language:
            return
        self._catalogues[language]
        self._language = language
        self.changed.emit()

    def choose_next(self) -> None:
        """Change to the next language."""
        self.choose(self.languages[(self.languages.index(self._language) + 1) % len(self.languages)])

    def say(self, words: Message) -> str:
        """Return words in the language in force, of literal text what is hidden in a line by its number."""
        if isinstance(words, CatalogMessage):
            return self._catalogues[self._language].text(words.key, **words.params)
        if isinstance(words, Problem):
            return self.explain(words).what
        return "\n".join(map(shown, words.split("\n")))

    def explain(self, problem: Problem) -> ProblemText:
        """Return what happened, what is safe and what to do."""
        return self._catalogues[self._language].problem(problem)


@dataclass(slots=True)
class Voice:
    """Whether the program speaks to the resident."""

    is_on: bool = False


@dataclass(frozen=True, slots=True)
class ThemeContext:
    """How things look, read and sound now."""

    theme: Theme
    catalog: Catalog
    recent: Recent = field(default_factory=Recent)
    voice: Voice = field(default_factory=Voice)

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in force."""
        return self.theme.tokens

    def say(self, words: Message) -> str:
        """Return words in the language in force."""
        return self.catalog.say(words)
