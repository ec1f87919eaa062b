from __future__ import annotations

from ui.presenters.planning.sop_figures import FormField, FormKind, StepForm


def test_a_form_gives_the_text_of_a_field_by_its_name() -> None:
    form = StepForm(FormKind.NOTE, "", fields=(FormField("text", "Catatan", "basah"),))
    assert (form.text("text"), form.text("reason")) == ("basah", "")
