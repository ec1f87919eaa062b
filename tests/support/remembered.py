"""What thousands of sign-ins and data centers in one process need not find out again; no file of theirs is touched.

A sweep spent a third of its time on statements that SQLAlchemy had compiled for the engine of the case before.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from drivers import registry
from drivers.simulators.subject import SyntheticSubject
from fieldkit.documents.letters import PREVIEW_PPI
from fieldkit.quality import finger_estimate
from fieldkit.quality.face_networks import FaceFinder
from fieldkit.storage import engine

_STATEMENTS = 2_000
_PAPERS = 300
_KEYS = 16  # more than any test holds against each other
_PARTS = 40  # of a megabyte each
_PICTURES = 80
_make: Callable[..., sa.Engine] = sa.create_engine
_drivers = cache(registry.entry_points)


def drawing_once(draw: Callable[..., list[bytes]]) -> Callable[..., list[bytes]]:
    """Return what stands for `TypstLetters._compile`: a paper that was drawn from the same fields is not drawn again.

    A screen shows a letter each time that somebody comes back to it.
    """
    drawn: OrderedDict[tuple[object, ...], list[bytes]] = OrderedDict()

    def compiled(self: Any, letter: str, fields: Mapping[str, object], form: str, ppi: int = 0) -> list[bytes]:
        stated = self._letters, letter, json.dumps(fields, default=repr, sort_keys=True), form, ppi
        if stated not in drawn:
            drawn[stated] = draw(self, letter, fields, form, ppi or PREVIEW_PPI)
            while len(drawn) > _PAPERS:
                drawn.popitem(last=False)
        return [*drawn[stated]]

    return compiled


def making_some(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands for a function that makes keys: it makes some of each kind and then gives them by turns."""
    made: dict[object, list[Any]] = {}
    turns = count()

    def key(*given: Any, **named: Any) -> Any:
        keys = made.setdefault((given, *named.items()), [])
        if len(keys) < _KEYS:
            keys.append(make(*given, **named))
            return keys[-1]
        return keys[next(turns) % _KEYS]

    return key


def growing_once(grow: Callable[[SyntheticSubject, Any], Any]) -> Callable[[SyntheticSubject, Any], Any]:
    """Return what stands for a way in which a synthetic person grows: the same seed gives the same, so once will do."""
    grown: OrderedDict[tuple[int, Any], Any] = OrderedDict()

    def again(self: SyntheticSubject, part: Any) -> Any:
        key = self.seed, part
        if key not in grown:
            grown[key] = grow(self, part)
            while len(grown) > _PARTS:
                grown.popitem(last=False)
        return grown[key]

    return again


def meeting_once(meet: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands for how a sensor meets somebody: the same attempt of the same person looks the same."""
    met: OrderedDict[str, Any] = OrderedDict()

    def again(subject: Any, position: Any, attempt: int, backdrop: Any) -> Any:
        if type(subject) is not SyntheticSubject:
            return meet(subject, position, attempt, backdrop)
        grown = subject.seed, subject.name, subject._conditions, subject._script
        return _known(
            met, repr((*grown, position, attempt, backdrop)), lambda: meet(subject, position, attempt, backdrop)
        )

    return again


def seeing_once(look: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands for a function of a picture: the same pixels give the same answer."""
    seen: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def again(*given: Any, **options: Any) -> Any:
        key = (*map(_stated, given), *options.items())
        return _known(seen, key, lambda: look(*given, **options))

    return again


def _stated(given: Any) -> object:
    if isinstance(given, np.ndarray):
        return given.shape, given.dtype.str, hashlib.sha256(np.ascontiguousarray(given)).digest()
    return type(given) if isinstance(given, FaceFinder) else given


def _known(answers: OrderedDict[Any, Any], key: Any, work: Callable[[], Any]) -> Any:
    if key not in answers:
        answer = work()
        answers[key] = answer
        while len(answers) > _PICTURES:
            answers.popitem(last=False)
        return answer
    return answers[key]


def remember(patch: pytest.MonkeyPatch) -> None:
    """Let all SQLite engines share what they compiled, and look for drivers once."""
    for place in (sa, engine):
        patch.setattr(place, "create_engine", _sharing)
    patch.setattr(registry, "entry_points", _drivers)


def estimate_prints(patch: pytest.MonkeyPatch) -> None:
    """Let no process score the prints: NFIQ 2 takes 0.1 s for each, and no act depends on which of both judged."""
    patch.setattr(finger_estimate, "find_spec", lambda _name: None)


def _sharing(url: str, **given: Any) -> sa.Engine:
    made = _make(url, **given)
    if made.dialect.name == "sqlite":
        first = _first(given.get("module"))
        # What was compiled is found again by the dialect it was compiled for.
        made.dialect = made.pool._dialect = first.dialect  # type: ignore[assignment]  # the pool knows it by its base
        made._compiled_cache = first._compiled_cache
    return made


@cache
def _first(module: object) -> sa.Engine:
    """Return an engine whose dialect has asked its library what it can."""
    chosen = {} if module is None else {"module": module}
    made = _make("sqlite://", query_cache_size=_STATEMENTS, **chosen)
    with made.connect():
        return made
