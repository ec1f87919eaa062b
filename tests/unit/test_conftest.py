from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.mark.allow_logs
def test_a_warning_in_the_log_fails_the_test_unless_it_is_expected(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(Path(__file__).parents[1].joinpath("conftest.py").read_text("utf-8"))
    pytester.makeini("[pytest]\nmarkers = allow_logs")
    pytester.makepyfile(
        """
        import logging
        import pytest

        def test_silent():
            logging.getLogger("kit").info("fine")

        def test_loud():
            logging.getLogger("kit").warning("disk %s", "full")

        def test_looks_itself(caplog):
            logging.getLogger("kit").warning("seen")
            assert caplog.messages == ["seen"]

        @pytest.mark.allow_logs
        def test_allowed():
            logging.getLogger("kit").warning("allowed")
        """
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*ERROR*test_loud*", "WARNING kit: disk full"])


def test_a_qt_warning_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nqt_api = pyside6\nqt_log_level_fail = WARNING")
    pytester.makepyfile(
        """
        from PySide6.QtCore import qWarning

        def test_loud():
            qWarning("no such signal")
        """
    )
    pytester.runpytest_inprocess().assert_outcomes(failed=1)
