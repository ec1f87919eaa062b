from __future__ import annotations

import importlib
import pkgutil

from fieldkit import domain
from fieldkit.domain.exchange.shared_kinds import AT_HOME, ATTACHMENT, IN_ORDER, SHARED, VALUES
from fieldkit.domain.things import Thing


def every_kind() -> set[type]:
    found: set[type] = set()
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        names = vars(importlib.import_module(module.name)).values()
        found |= {each for each in names if isinstance(each, type) and hasattr(each, "KIND")}
    return found - {Thing}


def test_every_kind_travels_or_stays_at_home() -> None:
    assert every_kind() == {*SHARED, *AT_HOME}
    assert not set(SHARED) & set(AT_HOME)


def test_parts_come_after_what_they_belong_to() -> None:
    assert IN_ORDER[:2] == ("activity", "target")
    assert IN_ORDER[-1] == ATTACHMENT
    assert len(set(IN_ORDER)) == len(IN_ORDER) == len(VALUES) + 1
