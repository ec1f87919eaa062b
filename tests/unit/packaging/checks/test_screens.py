from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import screens

TWO_FORMS = """
def one_form(context) -> Form:
    return Form()


def other_form(context) -> Form:
    return Form()


def words() -> str:
    return ""
"""
A_LIST = "class Cards:\n    def screen(self) -> ListScreen[Card]:\n        return ListScreen()\n"


def test_lines_are_shared_among_what_a_module_builds(tmp_path: Path) -> None:
    folder = tmp_path / "ui/presenters/cards"
    folder.mkdir(parents=True)
    (folder / "forms.py").write_text(TWO_FORMS)
    (folder / "cards.py").write_text(A_LIST)
    (folder.parent / "form.py").write_text(TWO_FORMS)  # the kernel is no screen
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    found = screens.costs(tmp_path)
    assert found["ListScreen"] == {"ui/presenters/cards/cards.py:screen": 3}
    assert {name.split(":")[1]: lines for name, lines in found["Form"].items()} == {"one_form": 5.5, "other_form": 5.5}


def test_a_list_and_the_forms_beside_it_each_count_their_own_lines(tmp_path: Path) -> None:
    folder = tmp_path / "ui/presenters/cards"
    folder.mkdir(parents=True)
    (folder / "cards.py").write_text(f"{A_LIST}{TWO_FORMS}")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    lines = [*screens.costs(tmp_path)["ListScreen"].values(), *screens.costs(tmp_path)["Form"].values()]
    assert lines == pytest.approx([16 / 3, 13 / 3, 13 / 3])  # of seven for no screen each has a third
    (folder / "cards.py").write_text(f"{A_LIST}    def add(self) -> Form:\n        return Form()\n")
    counted = screens.costs(tmp_path)
    assert [*counted["ListScreen"].values(), *counted["Form"].values()] == [2.5, 2.5]
