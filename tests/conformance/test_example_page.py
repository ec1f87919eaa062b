from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_shows_the_driver_that_is_tested():
    source = (ROOT / "tests/conformance/example_driver.py").read_text("utf-8")
    page = (ROOT / "docs/writing-a-driver.md").read_text("utf-8")
    assert f"```python\n{source[source.index('from __future__') :]}```" in page
    shown = source[source.index("MAX_LINE_BYTES") :]
    assert len([line for line in shown.splitlines() if line.strip()]) <= 65
