from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import mutants
import mutations
import pytest
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
    rooms = mutants.population(["fieldkit/domain/delivery.py", "sync/kit/announce.py"], CONDITIONS)
    assert set(rooms) == {"fieldkit/domain", "sync/kit"}
    for room in mutants.ROOMS:
        assert (mutants.PROJECT / mutants.mirrored(mutants.PROJECT / room)).is_dir()
    assert mutants.mirrored(mutants.PROJECT / "sync/kit/announce.py") == Path("tests/unit/sync/kit/test_announce.py")


def test_the_tests_beside_a_module_are_named_after_it_or_after_its_folder() -> None:
    named = {
        "fieldkit/services/letters/fields.py": ["letters/test_fields.py", "letters/test_fields_rules.py"],
        "fieldkit/storage/migrations/versions/r0001.py": ["storage/test_migrations.py"],
        "fieldkit/nowhere.py": [],
    }
    for source, tests in named.items():
        found = [str(Path(*each.parts[-2:])) for each in mutants.beside(mutants.PROJECT / source)]
        assert found == tests


def test_a_module_is_broken_however_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def known(name: str) -> object:
        spec = spec_from_file_location(name, tmp_path / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.KNOWN

    monkeypatch.setattr(SourceFileLoader, "get_code", SourceFileLoader.get_code)  # as it was, afterwards
    for name in "ab":
        (tmp_path / f"{name}.py").write_text("KNOWN = 1 if 2 > 1 else 0\n")
    broken = next(each for each in mutations.mutants_of(tmp_path / "a.py") if each.what.startswith("never"))
    mutants.break_from_now(broken)
    assert (known("a"), known("b")) == (0, 1)


def test_a_room_that_notices_too_few_fails() -> None:
    one = mutations.Mutant(Path("a.py"), 0, 1, "", CONDITIONS)
    found = {mutations.Mutant(Path("a.py"), at, 1, "", CONDITIONS): "t::x" for at in range(1, 20)}
    text, is_enough = mutants.table({"sync/kit": {**found, one: mutants.SURVIVED}})
    assert is_enough
    assert text.splitlines()[-1].split() == ["all", "20", "19", "1", "95.0", "%"]
    assert not mutants.table({"sync/kit": {**dict(list(found.items())[:18]), one: mutants.SURVIVED}})[1]
    assert mutants.table({"sync/kit": {one: mutants.SAME}})[1]
