"""On Windows a test that itself needs what only POSIX has is skipped with that reason; a product that needs it fails.

A plugin of pytest.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MODULES = {"fcntl", "termios", "pty", "tty", "grp", "pwd", "resource", "posix", "readline", "syslog", "crypt"}
_MODE, _SYNC = "Windows has no mode bits", "Windows syncs no folder: it does that with the file"
_LINK, _OPEN = "Wine follows no symbolic link that it made", "Windows keeps the name of an open file"
# What tests promise of POSIX alone, by the end of their id without parameters.
_PROMISED = {
    "vault/test_certificates.py::test_a_file_that_others_may_touch_is_refused": _MODE,
    "vault/test_certificates.py::test_a_link_to_a_mounted_secret_is_read_and_nobody_waits_for_a_pipe": _LINK,
    "vault/test_durable.py::test_a_file_is_no_folder": _SYNC,
    "vault/test_durable.py::test_only_the_owner_may_read_what_is_written": _MODE,
    "vault/test_durable.py::test_slots_are_written_and_files_erased_where_folders_cannot_be_opened": _SYNC,
    "vault/test_durable.py::test_the_disk_is_waited_for_when_it_has_everything": _SYNC,
    "vault/test_erasing.py::test_the_content_is_overwritten_before_the_name_goes": _OPEN,
    "vault/test_erasing.py::test_the_disk_is_waited_for_before_and_after_the_name_goes": _SYNC,
}
_LACKING = re.compile(r"module '(?P<module>os|posix|signal|socket|select|time)' has no attribute '(?P<name>\w+)'")


def lacking(error: BaseException | None) -> str:
    """Return what of POSIX an error misses ("os.geteuid"), "" where it misses nothing of it."""
    if isinstance(error, ModuleNotFoundError):
        return error.name if error.name in MODULES else ""
    found = _LACKING.search(str(error)) if isinstance(error, AttributeError) else None
    return f"{found['module']}.{found['name']}" if found else ""


def is_of_tests(error: BaseException) -> bool:
    """Return whether an error was raised by a test or what serves tests, not by the product."""
    at, file = error.__traceback__, ""
    while at is not None:
        file, at = at.tb_frame.f_code.co_filename, at.tb_next
    return Path(file).is_relative_to(TESTS)


class _Unfit(pytest.Item):
    """A test of a module that cannot be imported here."""

    reason = ""

    def runtest(self) -> None:
        pytest.skip(self.reason)


class _Module(pytest.Module):
    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        try:
            _ = self.obj
        except (AttributeError, self.CollectError) as error:
            missing = lacking(error.__cause__ or error)
            if not missing:
                raise
            for name in tests_in(self.path.read_text("utf-8")):
                unfit = _Unfit.from_parent(self, name=name)
                unfit.reason = f"{missing} is of POSIX"
                yield unfit
            return
        yield from super().collect()


def tests_in(source: str) -> list[str]:
    """Return the names of the test functions of a module, parameters not counted."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is promised of POSIX alone."""
    for item in items if sys.platform == "win32" else ():
        name = item.nodeid.partition("[")[0]
        if reason := next((reason for end, reason in _PROMISED.items() if name.endswith(end)), ""):
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect a module that skips what it cannot import."""
    return _Module.from_parent(parent, path=module_path) if sys.platform == "win32" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a test that missed a part of POSIX as skipped."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    if sys.platform == "win32" and error is not None and is_of_tests(error) and (missing := lacking(error)):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: {missing} is of POSIX")
    return report
