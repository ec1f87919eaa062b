"""Dataclasses that are made in a third of the time: of each, only `__init__` is compiled.

Python 3.11 writes each method of a dataclass as text and compiles it, six for a frozen one: of the 0.9 s of a processor
that a kit's own modules took to load, 527 dataclasses took 0.28 s. Comparing, hashing, showing and refusing a change
need no text of their own. What they do is the same. From Python 3.13 on all methods are compiled at once, and nothing
changes here.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

Values = Callable[[Any], tuple[Any, ...]]
_compiled_comparison: Callable[..., Any] = getattr(dataclasses, "_cmp_fn", lambda *_: None)


def make_lightly() -> None:
    """Let the dataclasses that come after be made so."""
    if sys.version_info < (3, 13):
        for name, made in (
            ("_repr_fn", _shown),
            ("_cmp_fn", _compared),
            ("_hash_fn", _hashed),
            ("_frozen_get_del_attr", _frozen),
        ):
            setattr(dataclasses, name, made)


def _values(names: Sequence[str]) -> Values:
    """Return what reads these fields of an object as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _shown(fields: Sequence[dataclasses.Field[Any]], _globals: object) -> Any:
    names = [field.name for field in fields]
    values = _values(names)

    def __repr__(self: Any) -> str:  # noqa: N807 – it is that method
        shown = (f"{name}={value!r}" for name, value in zip(names, values(self), strict=True))
        return f"{self.__class__.__qualname__}({', '.join(shown)})"

    return dataclasses._recursive_repr(__repr__)  # type: ignore[attr-defined]


def _compared(name: str, op: str, self_tuple: str, other_tuple: str, **named: object) -> Any:
    if op != "==":
        return _compiled_comparison(name, op, self_tuple, other_tuple, **named)
    values = _values([part.removeprefix("self.") for part in self_tuple.strip("()").split(",") if part])

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807 – it is that method
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hashed(fields: Sequence[dataclasses.Field[Any]], _globals: object) -> Any:
    values = _values([field.name for field in fields])

    def __hash__(self: Any) -> int:  # noqa: N807 – it is that method
        return hash(values(self))

    return __hash__


def _frozen(cls: type[Any], fields: Sequence[dataclasses.Field[Any]], _globals: object) -> tuple[Any, Any]:
    names = frozenset(field.name for field in fields)

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807 – it is that method
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807 – it is that method
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __setattr__, __delattr__
