"""The stylesheet made from the tokens. What has a shape of its own paints itself; here stands what Qt paints."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.runtime.theme import Tokens

_TEXT = Template("""
QWidget { color: $text; font-size: ${font_text}px; }
QMainWindow, QWidget[role="page"] { background: $page; }
QWidget[role="strip"] { background: $strip; }
QWidget[role="bar"] { background: $surface; border-top: 2px solid $outline; }
QWidget[role="surface"] { background: $surface; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${font_title}px; font-weight: 700; }
QLabel[role="section"] { font-size: ${font_section}px; font-weight: 600; }
QLabel[role="lead"] { font-size: ${font_lead}px; }
QLabel[role="number"] { font-size: ${font_number}px; font-weight: 700; }
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
QComboBox::drop-down { border: 0; width: 36px; }
QComboBox QAbstractItemView { background: $surface; border: 2px solid $outline_strong; outline: 0; }
""")

_LIST = Template("""
QAbstractItemView { background: $surface; border: 0; outline: 0; }
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


def stylesheet(tokens: Tokens) -> str:
    """Return the stylesheet of a theme."""
    values: dict[str, object] = dict(tokens.colours())
    values |= {f"font_{name}": size for name, size in tokens.font.items()}
    values |= {f"space_{name}": size for name, size in tokens.space.items()}
    values |= {f"radius_{name}": size for name, size in tokens.radius.items()}
    values["target_inner"] = tokens.size["target"] - 4
    values["focused_padding"] = tokens.space["md"] - 1
    return "".join(part.substitute(values) for part in (_TEXT, _INPUT, _LIST))
