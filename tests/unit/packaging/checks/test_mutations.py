from __future__ import annotations

import ast
from pathlib import Path

import mutations
import pytest
from mutations import CONDITIONS, VALUES


def changed(text: str, family: str) -> list[str]:
    tree = ast.parse(text)
    found = [(ast.unparse(ast.fix_missing_locations(tree)), told[-1]) for told in mutations.changes(tree)]
    return [broken for broken, its in found if its == family]


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("q = a < b", {"q = a <= b"}),
        ("q = a is not None", {"q = a is None"}),
        ("q = x in y", {"q = x not in y"}),
        ("q = a and b", {"q = a", "q = b"}),
        ("q = a or b or c", {"q = a or b", "q = a or c", "q = b or c"}),
        ("x = not a", {"x = a"}),
        ("def f():\n    if a:\n        return", {"def f():\n    pass"}),
        ("if a:\n    b = c", {"pass", "if True:\n    b = c"}),
        ("if a:\n    b = c\nelse:\n    b = d", {f"if {each}:\n    b = c\nelse:\n    b = d" for each in (True, False)}),
        ("x = a if b else c", {"x = a", "x = c"}),
        ("def f():\n    raise E", {"def f():\n    pass"}),
        ("erase(a)", {"pass"}),
        ("q = [x for x in y if a if b]", {"q = [x for x in y if a]", "q = [x for x in y if b]"}),
        ("q = t.where(a, b)", {"q = t.where(a)", "q = t.where(b)"}),
        ("q = sa.or_(a, *b)", {"q = sa.or_(a)", "q = sa.or_(*b)"}),
        ("x = all((a, b))", {"x = all((a,))", "x = all((b,))"}),
        ("q = x in (A, B)", {"q = x not in (A, B)", "q = x in (A,)", "q = x in (B,)"}),
        ("_OPEN = frozenset({State.A, State.B})", {"_OPEN = frozenset({State.A})", "_OPEN = frozenset({State.B})"}),
        ("def f(self):\n    super().f(a)", {"def f(self):\n    __class__"}),
        ("match x:\n    case 1 if a:\n        y = z", {"match x:\n    case 1 if True:\n        y = z"}),
    ],
)
def test_each_condition_is_dropped_or_turned(text: str, broken: set[str]) -> None:
    assert set(changed(text, CONDITIONS)) == broken


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("left = 5", "left = 6"),
        ("kept = True", "kept = False"),
        ("a and b", "a or b"),
        ("def f():\n    return a", "def f():\n    return None"),
    ],
)
def test_values_are_a_family_of_their_own(text: str, broken: str) -> None:
    assert changed(text, VALUES) == [broken]


@pytest.mark.parametrize(
    "text",
    ['def f():\n    """Say what."""\n    return None', "if TYPE_CHECKING:\n    from a import b", "def f():\n    ..."],
)
def test_what_is_only_for_people_and_types_is_left_alone(text: str) -> None:
    assert changed(text, CONDITIONS) == changed(text, VALUES) == []


def test_each_mutant_has_its_own_change_and_the_file_stays(tmp_path: Path) -> None:
    source = tmp_path / "room.py"
    source.write_text("def may(age):\n    return age >= 17 and age != 99\n")
    found = mutations.mutants_of(source)
    assert len({ast.dump(mutations.mutated(mutant)) for mutant in found}) == len(found) == 8
    assert [mutant.what for mutant in found if mutant.family == CONDITIONS] == [
        "without age >= 17",
        "without age != 99",
        "GtE → Gt",
        "NotEq → Eq",
    ]
    assert "may" in source.read_text()
    with pytest.raises(ValueError, match="no change 8"):
        mutations.mutated(mutations.Mutant(source, 8, 1, "", CONDITIONS))
