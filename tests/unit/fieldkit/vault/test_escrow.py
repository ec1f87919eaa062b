from __future__ import annotations

import os

import pytest

from fieldkit.domain.errors import VaultError
from fieldkit.vault import age, escrow

DINAS = age.generate_identity()
OLD, NEW = os.urandom(32), os.urandom(32)


def test_the_dinas_opens_it_and_nobody_else() -> None:
    sealed = escrow.close("KIT-07", [OLD, NEW], str(DINAS.recipient))
    assert escrow.open_with(sealed, [DINAS]) == escrow.Escrow("KIT-07", (OLD, NEW))
    with pytest.raises(VaultError, match=r"vault\.age_no_identity"):
        escrow.open_with(sealed, [age.generate_identity()])
    assert "db_keys" not in repr(escrow.open_with(sealed, [DINAS]))


@pytest.mark.parametrize("content", [b"", b"fieldkit escrow KIT-07\n", b"fieldkit escrow KIT-07\nshort", b"x" * 55])
def test_another_content_is_no_escrow(content: bytes) -> None:
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        escrow.open_with(age.encrypt(content, [DINAS.recipient]), [DINAS])
