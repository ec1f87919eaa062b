"""What others published and the project does not hold. Where it lies beside the checkout, tests compare with it too."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_SHARED = Path(__file__).parents[3] / "shared"
FINGERPRINTS = _SHARED / "data" / "fingerprints"
PRINTS = sorted(FINGERPRINTS.glob("*.p[gn]*"))
SOP_DOCUMENTS = _SHARED / "domain" / "sop.yaml"
_OSIA = _SHARED / "data" / "osia" / "enrollment-1.3.0.yaml"
IS_HERE = all(path.exists() for path in (FINGERPRINTS, SOP_DOCUMENTS, _OSIA))


@cache
def osia_interface() -> Any:
    """Return the Enrollment interface 1.3.0 of the Secure Identity Alliance."""
    return yaml.safe_load(_OSIA.read_text("utf-8"))
