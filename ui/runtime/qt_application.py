"""The one `QApplication` of the process."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

# Named on Qt's command line: through the API Qt would build a hundred Python enums of QStyle before the first screen.
_STYLE = "Fusion"
NAME = "fieldkit"  # of packaging/debian/kit/fieldkit.desktop
SCALES = (1.0, 1.15, 1.3)
"""How large everything is drawn, as parts of what the desktop says."""


def qt_application() -> QApplication:
    """Return it, made at the first call."""
    application = QApplication.instance() or _made()
    assert isinstance(application, QApplication)
    return application


def _made() -> QApplication:
    # The desktop finds entry and icon of a window by these names: WM_CLASS under X, the app id under Wayland.
    application = QApplication([NAME, "-style", _STYLE])
    application.setDesktopFileName(NAME)
    return application


def kept_scale(kept: QSettings) -> float:
    """Return how large everything was wanted to be drawn; 1.0 when nothing or nonsense is kept."""
    wanted = str(kept.value("scale", ""))
    return next((scale for scale in SCALES if str(scale) == wanted), SCALES[0])


def scale_as_kept(file: Path) -> None:
    """Draw as large as was wanted; Qt reads it once, when the program starts."""
    if (scale := kept_scale(QSettings(str(file), QSettings.Format.IniFormat))) != SCALES[0]:
        os.environ.setdefault("QT_SCALE_FACTOR", str(scale))
