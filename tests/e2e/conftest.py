from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.day import SEED, people
from support.osia_enrollment import enrollment_schema
from support.performed import Performed, perform

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.demo.kit import prepare
from fieldkit.app.demo.people import Resident
from fieldkit.app.demo.world import World


@dataclass
class Outreach:
    """A demo kit with its outreach day, between simulated devices and a data center; no screen."""

    out: Path
    world: World
    residents: list[Resident]

    @property
    def home(self) -> Home:
        return Home(self.out / "home")


@pytest.fixture(scope="session")
def outreach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outreach]:
    """Start the world once; a test that changes the home works on a copy of it."""
    out = tmp_path_factory.mktemp("outreach")
    with World(out, SEED) as world:
        made = Outreach(out, world, people(4))
        prepare(made.home, world, made.residents)
        yield made


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Performed:
    """Perform the outreach day with four people once for all tests."""
    return perform(tmp_path_factory.mktemp("demo"), "--people", "4", "--seed", str(SEED))


@pytest.fixture(scope="session")
def osia() -> Draft202012Validator:
    """Return the schema of an enrollment in OSIA's interface."""
    return enrollment_schema()
