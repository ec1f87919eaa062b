"""libfprint as Debian ships it, or the reason why it is not here."""

from __future__ import annotations

import pytest

from drivers.libfprint.answers import list_readers
from fieldkit.ports.devices import SdkMissingError


def demand() -> None:
    try:
        list_readers()
    except SdkMissingError as error:
        pytest.skip(f"libfprint is not installed: apt install {error.problem.params['package']}")
