from __future__ import annotations

from fieldkit.ports.devices import Cancel
from ui.presenters.cancel import CancelFlag


def test_it_is_set_once_and_for_all() -> None:
    flag = CancelFlag()
    assert isinstance(flag, Cancel)
    assert not flag.is_cancelled()
    flag.cancel()
    assert flag.is_cancelled()
