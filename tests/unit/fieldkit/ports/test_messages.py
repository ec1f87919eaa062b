from __future__ import annotations

from fieldkit.app.bootstrap.catalogue import LANGUAGES, field_catalogue, strict_catalogue
from fieldkit.ports.messages import told_by_code


def test_a_code_that_came_alone_is_told_in_words_with_gaps() -> None:
    said = "Aturan mutu … tidak dapat dipakai: … kesalahan."
    assert told_by_code(strict_catalogue("id"), "rules.policy") == said
    for language in LANGUAGES:
        for catalogue in (strict_catalogue(language), field_catalogue(language)):
            assert "{" not in told_by_code(catalogue, "rules.policy")
    assert told_by_code(field_catalogue("id"), "tomorrow.unknown") == "tomorrow.unknown"
