"""The chapters of the manual as the program shows them: Markdown, with the pictures that are here."""

from __future__ import annotations

import re
from pathlib import Path

from assets import FOLDER

# Beside the assets in an installed program, in a checkout where it is written.
_FOLDERS = (FOLDER / "panduan", FOLDER.parent / "docs" / "panduan")
# Beside the chapters where a package brought them, in a checkout where `make manual` puts them.
_PICTURES = (FOLDER / "panduan", FOLDER.parent / "out" / "panduan")
_PICTURE = re.compile(r"^!\[[^\]]*\]\(([^)]*)\)\n?", re.M)
_ELSEWHERE = re.compile(r"(?<!!)\[([^\]]+)\]\((?![\w-]+\.md\))[^)]*\)")


def chapter_text(name: str) -> str:
    """Return a chapter by the name of its file, without pictures that are not here. Raise `OSError`.

    What leads out of the manual is only words.
    """
    text = (_folder() / f"{name}.md").read_text("utf-8")
    return _ELSEWHERE.sub(r"\1", _PICTURE.sub(lambda found: found[0] if picture_file(found[1]) else "", text))


def picture_file(name: str) -> Path | None:
    """Return where a picture of the manual lies, None where nobody made or brought it."""
    places = (folder / Path(name).name for folder in _PICTURES)
    return next((place for place in places if place.is_file()), None)


def _folder() -> Path:
    return next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[-1])
