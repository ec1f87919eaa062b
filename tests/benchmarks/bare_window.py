"""The least that any PySide6 program does before its window is painted; says `painted`."""

from __future__ import annotations

import os

from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication([])
window = QMainWindow()
window.show()
application.processEvents()
print("painted", flush=True)
os._exit(0)
