"""The one `QApplication` of the process."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

# Named on Qt's command line: through the API Qt would build a hundred Python enums of QStyle before the first screen.
_STYLE = "Fusion"


def qt_application() -> QApplication:
    """Return it, made at the first call."""
    application = QApplication.instance() or QApplication([*sys.argv[:1], "-style", _STYLE])
    assert isinstance(application, QApplication)
    return application
