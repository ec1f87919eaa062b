from __future__ import annotations

import pytest

from drivers.topaz.models import MODELS


@pytest.mark.parametrize("model", MODELS.values(), ids=str)
def test_corners_are_the_surface(model):
    assert model.to_um(model.left, model.top) == (0, 0)
    assert model.to_um(model.right, model.bottom) == (model.width_um, model.height_um)
    assert model.to_um(0, 0) == (0, 0)
    assert model.to_um(4095, 4095) == (model.width_um, model.height_um)


def test_a_siglite_is_as_wide_as_its_range_says():
    assert MODELS["siglite-1x5"].width_um == (2650 - 500) * 25_400 // 410
    assert MODELS["clipgem"].dpi == 275
