from __future__ import annotations

from pathlib import Path

import mutants
import mutations
from mutations import CONDITIONS


def test_a_sample_meets_every_module_and_is_the_same_for_a_seed(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.py").write_text("def f(x, y):\n    return x and y or x\n" * (5 if name == "a" else 1))
    every = [mutant for name in "abc" for mutant in mutations.mutants_of(tmp_path / f"{name}.py")]
    sample = mutants.drawn(every, 6, seed=1)
    assert len(sample) == len(set(sample)) == 6
    assert {mutant.source.stem for mutant in sample} == set("abc")
    assert mutants.drawn(every, 6, seed=1) == sample != mutants.drawn(every, 6, seed=2)
    assert len(mutants.drawn(every, 1, seed=1)) == 3


def test_every_room_has_mutants_and_tests_of_its_own() -> None:
    rooms = mutants.population(["fieldkit/domain/delivery", "sync/kit/purge.py"], CONDITIONS)
    assert set(rooms) == {"fieldkit/domain", "sync/kit"}
    for room in mutants.ROOMS:
        assert mutants.mirrored(mutants.PROJECT / room) == [Path("tests/unit", room)]
    assert mutants.mirrored(mutants.PROJECT / "sync/kit/purge.py") == [Path("tests/unit/sync/kit/test_purge.py")]
    beside = mutants.mirrored(mutants.PROJECT / "sync/gateway/opener.py")
    assert [path.name for path in beside] == ["test_opener.py", "test_opener_rules.py"]
    assert mutants.mirrored(mutants.PROJECT / "sync/gateway/tables_of_nobody.py") == []


def test_a_room_that_notices_too_few_fails() -> None:
    one = mutations.Mutant(Path("a.py"), 0, 1, "", CONDITIONS)
    found = {mutations.Mutant(Path("a.py"), at, 1, "", CONDITIONS): "t::x" for at in range(1, 20)}
    text, is_enough = mutants.table({"sync/kit": {**found, one: mutants.SURVIVED}})
    assert is_enough
    assert text.splitlines()[-1].split() == ["all", "20", "19", "1", "95.0", "%"]
    assert not mutants.table({"sync/kit": {**dict(list(found.items())[:18]), one: mutants.SURVIVED}})[1]
    assert mutants.table({"sync/kit": {one: mutants.SAME}})[1]
