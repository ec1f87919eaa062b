"""A simulated finger module on its pty, the real driver behind a registry, and the lock that a finger opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

import pytest
from support.app_context import Kit

from drivers.context import DriverContext
from drivers.registry import DeviceRegistry
from drivers.simulators.stage import Stage
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.zfm import ZfmModule
from drivers.zfm.driver import ZfmDriver
from fieldkit.services.people.keep_accounts import UnlockByFinger

OPERATOR, SOMEBODY = SyntheticSubject(5), SyntheticSubject(6)


@dataclass
class Glass:
    """The module, who stands before it, and the lock of the kit's user."""

    stage: Stage
    module: ZfmModule
    registry: DeviceRegistry
    lock: UnlockByFinger


@contextmanager
def glass(kit: Kit, folder: Path) -> Iterator[Glass]:
    """Plug a module in; the operator stands before it."""
    stage = Stage()
    stage.present(OPERATOR)
    module = ZfmModule(stage, folder)
    # To compare fingers it needs neither verifier nor encoder.
    unused = dict.fromkeys(
        f.name for f in fields(DriverContext) if f.default is MISSING and f.default_factory is MISSING
    )
    context = DriverContext(**unused, addresses={"zfm": (module.address,)}, only_given=frozenset({"zfm"}))
    registry = DeviceRegistry([ZfmDriver(context)])
    registry.scan()
    try:
        with pytest.MonkeyPatch.context() as patch:
            # A busy machine is no broken cable: the module's thread may get its turn late.
            patch.setattr("drivers.zfm.line.ANSWER_S", 20.0)
            yield Glass(stage, module, registry, UnlockByFinger(kit.store, registry, kit.context.user, kit.clock))
    finally:
        registry.close()
        module.stop()
