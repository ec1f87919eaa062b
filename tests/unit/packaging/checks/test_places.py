"""The places of an act are counted."""

from __future__ import annotations

import ast
from pathlib import Path

import places

SERVICE = (
    "class Keep:\n    @act(X)\n    def want(self): ...\n    @act(X)\n    def alone(self): ...\n    def read(self): ..."
)
SCREEN = "opens(Keep.want, icon); opens(Keep.read); push('old_form')"
PAGES = "at.forms({**more, 'old_form': build}); BOOK = 'list old_form older_form'"


def parsed(screen: str) -> dict[Path, ast.Module]:
    texts = {"fieldkit/services/x.py": SERVICE, "ui/presenters/x.py": screen, "ui/views/x.py": PAGES}
    return {Path(path): ast.parse(text) for path, text in texts.items()}


def test_method_command_and_words_are_three() -> None:
    acts, forms = places.places(parsed(SCREEN))
    assert acts == {"Keep.want": 3}
    assert forms == {"old_form": 6}


def test_each_further_name_is_one_more() -> None:
    acts, forms = places.places(parsed(SCREEN + "; shape(Keep.want); left = 'old_form'"))
    assert (acts, forms) == ({"Keep.want": 4}, {"old_form": 7})
