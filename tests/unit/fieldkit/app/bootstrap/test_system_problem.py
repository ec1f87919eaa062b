from __future__ import annotations

import errno
import os

import pytest

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.app.bootstrap.system_problem import system_problem


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, "system.denied"),
        (errno.EPERM, "system.denied"),
        (errno.ENOENT, "system.missing"),
        (errno.EROFS, "system.read_only"),
        (errno.EIO, "system.unreadable"),
        (errno.ENOSPC, "store.disk_full"),
        (errno.ENOTDIR, "cli.system"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_is_said_in_the_language_without_the_systems_english(
    number: int, code: str, language: str
) -> None:
    problem = system_problem(OSError(number, os.strerror(number), "/x/y"))
    said = strict_catalogue(language).problem(problem)
    assert problem.code == code
    assert os.strerror(number) not in said.what
    assert ("/x/y" in said.what) is (code != "store.disk_full")


def test_a_refusal_without_number_or_file_still_says_what_it_is() -> None:
    this = {"file": "reason.this_act"}
    assert system_problem(OSError("odd")).params == this | {"detail": "OSError"}
    assert system_problem(OSError(errno.EACCES, "no")).params == this | {"detail": "reason.denied"}
