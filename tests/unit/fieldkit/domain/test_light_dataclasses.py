"""Dataclasses that are made lightly do what those of the library do."""

from __future__ import annotations

import copy
import dataclasses
import importlib.util
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest

from fieldkit.domain.light_dataclasses import make_lightly

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="Python itself compiles all methods at once")

_REPLACED = ("_repr_fn", "_cmp_fn", "_hash_fn", "_frozen_get_del_attr")


@pytest.fixture(scope="module")
def library() -> Any:
    """Return a second dataclasses module, as Python wrote it."""
    found = importlib.util.find_spec("dataclasses")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _classes(of: Any) -> tuple[type[Any], ...]:
    @of.dataclass(frozen=True, slots=True)
    class Nothing:
        """No field."""

    @of.dataclass(frozen=True, slots=True)
    class One:
        only: object

    @of.dataclass(frozen=True)
    class Two:
        first: object
        second: object = 7
        aside: object = of.field(default=0, compare=False, repr=False)

    @of.dataclass(order=True)
    class Open:
        first: Any
        second: Any = of.field(default_factory=list)

    return Nothing, One, Two, Open


def _result(act: Callable[..., object], *given: object) -> object:
    try:
        return act(*given)
    except Exception as error:  # noqa: BLE001 – what it raises is what is compared
        return type(error).__name__, str(error)


NAN = float("nan")
GIVEN: tuple[tuple[tuple[object, ...], ...], ...] = (
    ((),),
    ((1,), ("1",), (NAN,), (float("nan"),), ([1],), ((),)),
    ((1, 2), (1, 2, 3), (2, 1), ("a'b", NAN), ([1], 2)),
    ((1, [2]), (1, [3]), (2, [1]), (1, [2])),
)


@pytest.mark.parametrize("which", range(4), ids=["nothing", "one", "two", "open"])
def test_they_do_what_those_of_the_library_do(which: int, library: Any) -> None:
    light, plain = _classes(dataclasses)[which], _classes(library)[which]
    ours, theirs = ([made(*given) for given in GIVEN[which]] for made in (light, plain))
    for at, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        assert repr(mine) == repr(its)
        assert _result(hash, mine) == _result(hash, its)
        for other in range(len(ours)):
            for act in ("__eq__", "__lt__", "__ge__"):
                pair = ((mine, ours[other]), (its, theirs[other]))
                told = [_result(getattr(one, act), second) for one, second in pair]
                assert told[0] == told[1], (act, at, other)
        assert mine != its, "of another class"
        assert mine.__eq__(its) is NotImplemented
        for name in ("only", "first", "strange"):
            assert _result(setattr, mine, name, 9) == _result(setattr, its, name, 9)
            assert _result(delattr, mine, name) == _result(delattr, its, name)
        assert _result(repr, mine) == _result(repr, its)


def test_a_value_that_holds_itself_is_shown() -> None:
    _, _, _, opened = _classes(dataclasses)
    value = opened(1)
    value.second.append(value)
    assert repr(value).endswith(".Open(first=1, second=[...])")


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A value that goes to other processes."""

    name: str
    number: int = 0


def test_they_are_copied_pickled_and_replaced() -> None:
    kept = Kept("a", 3)
    assert pickle.loads(pickle.dumps(kept)) == copy.deepcopy(kept) == kept
    assert dataclasses.replace(kept, number=4) == Kept("a", 4)
    assert Kept.__eq__.__qualname__ == "Kept.__eq__"


def test_only_the_first_method_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    create = dataclasses._create_fn  # type: ignore[attr-defined]

    def counted(name: str, *given: object, **named: object) -> object:
        compiled.append(name)
        return create(name, *given, **named)

    monkeypatch.setattr(dataclasses, "_create_fn", counted)
    _classes(dataclasses)
    assert [name for name in compiled if name not in ("__lt__", "__le__", "__gt__", "__ge__")] == ["__init__"] * 4


def test_what_is_compiled_all_at_once_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _REPLACED:
        monkeypatch.setattr(dataclasses, name, None)
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    make_lightly()
    assert [getattr(dataclasses, name) for name in _REPLACED] == [None] * 4
