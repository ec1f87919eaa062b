"""The chapters of the manual as the program shows them: Markdown, without the pictures of the printed one."""

from __future__ import annotations

import re
from pathlib import Path

from assets import FOLDER

# Beside the assets in an installed program, in a checkout where it is written.
_FOLDERS = (FOLDER / "panduan", FOLDER.parent / "docs" / "panduan")
_PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n?", re.M)
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?![\w-]+\.md\))[^)]*\)")


def chapter_text(name: str) -> str:
    """Return a chapter by the name of its file; what leads out of the manual is only words. Raise `OSError`."""
    text = (_folder() / f"{name}.md").read_text("utf-8")
    return _ELSEWHERE.sub(r"\1", _PICTURE.sub("", text))


def _folder() -> Path:
    return next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[-1])
