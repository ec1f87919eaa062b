from __future__ import annotations

from pathlib import Path

from fieldkit.app.demo.outreach.report import ClockTold, SopReport, StepTold


def test_the_report_has_what_programs_ask_for() -> None:
    clock = ClockTold("1 x 24 jam", "2026-11-24T03:00:00+00:00", "running")
    report = SopReport("x", 12, 6, 235, 17.04, 9, [Path("a.pdf")], [Path("b.png")], [clock], ["Kasi"])
    report.steps.append(StepTold(5, "declared", (), ("Surat",), ("who",), "", "2026-11-23T08:25:01+07:00", 15))
    told = report.as_json()
    assert told["id"] == "x"
    assert (told["steps_total"], told["steps_done"], told["standard_minutes"], told["seconds"]) == (12, 6, 235, 17.0)
    assert told["sla"] == [{"rule": "1 x 24 jam", "due_at": "2026-11-24T03:00:00+00:00", "state": "running"}]
    (step,) = told["steps"]
    assert {key: step[key] for key in ("number", "how", "facts", "outputs", "missing")} == {
        "number": 5,
        "how": "declared",
        "facts": (),
        "outputs": ("Surat",),
        "missing": ("who",),
    }
    assert (step["began_at"], step["ended_at"], step["minutes"]) == ("", "2026-11-23T08:25:01+07:00", 15)
    assert (told["documents"], told["screenshots"]) == (["a.pdf"], ["b.png"])
