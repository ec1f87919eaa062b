from __future__ import annotations

import asyncio
from pathlib import Path
from types import FunctionType
from typing import Any

import noted_calls

NOTED = '''LEAST = 1
def same(function):
    return function

@same
def outer(x):
    def inner():
        """Add one."""
        return x + 1
    return inner()
def some():
    yield from [1]

double = lambda x: 2 * x

async def late():
    return "late"

def told():
    "Say nothing."
'''


def test_a_function_notes_that_it_is_called_and_does_the_same(tmp_path: Path) -> None:
    source = tmp_path / "noted.py"
    source.write_text(NOTED)
    changed = noted_calls.noting(str(source))
    calls = noted_calls.Calls(frozenset())
    names: dict[str, Any] = {noted_calls.NOTE: calls.note}
    exec(compile(NOTED, str(source), "exec", dont_inherit=True), names)
    for each in [one for one in names.values() if isinstance(one, FunctionType)]:
        each.__code__ = changed[each.__code__]
    assert (names["outer"](4), list(names["some"]()), names["double"](3)) == (5, [1], 6)
    assert asyncio.run(names["late"]()) == "late"
    assert names["told"].__doc__ == "Say nothing."
    assert calls.seen[""] == {f"{source}:{at}" for at in ("5:outer", "7:inner", "11:some", "14:<lambda>", "16:late")}
