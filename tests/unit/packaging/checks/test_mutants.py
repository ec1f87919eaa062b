from __future__ import annotations

import ast
from pathlib import Path

import mutants
import pytest


def changed(text: str) -> list[str]:
    tree = ast.parse(text)
    return [ast.unparse(ast.fix_missing_locations(tree)) for _ in mutants.changes(tree)]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("a < b", "a <= b"),
        ("a is not None", "a is None"),
        ("a and b", "a or b"),
        ("not a and b", "a and b"),
        ("left = 5", "left = 6"),
        ("kept = True", "kept = False"),
        ("def f():\n    raise E", "def f():\n    pass"),
        ("def f():\n    erase(a)", "def f():\n    pass"),
        ("def f():\n    return a", "def f():\n    return None"),
    ],
)
def test_one_thing_is_broken_at_a_time(text: str, broken: str) -> None:
    assert broken in changed(text)


def test_what_says_something_only_to_people_is_left_alone() -> None:
    assert changed('def f():\n    """Say what."""\n    return None') == []


def test_each_mutant_has_its_own_change_and_the_file_stays(tmp_path: Path) -> None:
    source = tmp_path / "room.py"
    source.write_text("def may(age):\n    return age >= 17 and age != 99\n")
    found = mutants.mutants_of(source)
    assert len({mutants.mutated(mutant) for mutant in found}) == len(found) == 6
    assert "may" in source.read_text()
    with pytest.raises(ValueError, match="no change 6"):
        mutants.mutated(mutants.Mutant(source, 6, 1, ""))


def test_the_near_tests_of_every_room_are_there() -> None:
    near = [mutants.tests_of(source) for source in mutants.sources(list(mutants.ROOMS))]
    assert sum(bool(tests) for tests in near) > 40
    assert all((mutants.PROJECT / path).exists() for tests in near for path in tests)
    assert mutants.tests_of(mutants.PROJECT / "fieldkit/vault/age.py") == ["tests/unit/fieldkit/vault/test_age.py"]
