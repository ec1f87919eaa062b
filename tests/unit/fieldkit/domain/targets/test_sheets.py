from __future__ import annotations

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.targets.sheets import CellError, Field, Layout, Reason


def test_every_reason_has_words() -> None:
    for language in ("id", "en"):
        catalogue = strict_catalogue(language)
        assert all(catalogue.text(reason) for reason in Reason)


def test_a_cell_error_tells_its_reason() -> None:
    assert str(CellError(Reason.NO_DATE)) == "list.no_date"


def test_a_layout_has_what_one_of_its_columns_means() -> None:
    layout = Layout(0, ("NIK",), 1, {Field.NIK: 0})
    assert layout.has(Field.NAME, Field.NIK)
    assert not layout.has(Field.NAME)
