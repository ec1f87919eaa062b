"""Permohonan dari aplikasi: name the export, look at each row and its files, take over what is right."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fieldkit.ports.documents import ComeFile
from fieldkit.services.applications.import_applications import ExportDraft, Incoming
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.applications.family import scan_from
from ui.presenters.parts import Bar, Empty, Tag, Tone, leave
from ui.presenters.presenter import Message, Navigator, enter, message
from ui.presenters.readers import content_at, files_beside
from ui.presenters.targets.import_targets import FileRowsPresenter, Line, refused_line
from ui.presenters.tasks import Tasks

_ENDINGS = (".eml", ".pdf", ".jpg", ".jpeg", ".png")


class ImportApplicationsPresenter(FileRowsPresenter):
    """Refused rows stand first, each with its reason; the files beside the export go with their application."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        self._draft: ExportDraft | None = None
        title = message("export.title")
        super().__init__(context, tasks, navigator, activity_id, title, Empty(title, message("export.hint")))
        self._become(replace(self.state, asks=message("export.path")))

    def _forget(self) -> None:
        super()._forget()
        self._draft = None

    def _read(self, path: str) -> None:
        def read() -> ExportDraft:
            place, files = files_beside(path, _ENDINGS)
            name, content = place.name, content_at(place)
            beside = [ComeFile(each.name, each.below, partial(content_at, each)) for each in files]
            clean = partial(scan_from, self._context)
            return self._context.office.application_imports.preview(self._activity_id, name, content, beside, clean)

        self._run(message("impor.reading"), read, self._seen)

    def _seen(self, draft: ExportDraft) -> None:
        self._draft = draft
        told = sorted(map(_row_line, draft.accepted), key=lambda line: not line.remarks)
        self._show_lines((*map(refused_line, draft.refused), *told))

    def _take(self) -> bool:
        if (draft := self._draft) is None:
            return False
        imports, clean = self._context.office.application_imports, partial(scan_from, self._context)
        words = message("export.taking", count=len(draft.accepted))
        done = self._navigator.back
        self._run(words, lambda: imports.take_over(self._activity_id, draft, clean), lambda _kept: done())
        return True

    def _tags(self) -> tuple[Tag, ...]:
        draft = self._draft
        if draft is None:
            return ()
        counts = (
            (message("impor.accepted", count=len(draft.accepted)), Tone.GOOD if draft.accepted else Tone.NEUTRAL, True),
            (message("export.files", count=sum(each.files for each in draft.accepted)), Tone.SOFT, True),
            (message("impor.refused", count=len(draft.refused)), Tone.BAD, draft.refused),
            (message("export.unnamed", count=len(draft.unnamed)), Tone.CAUTION, draft.unnamed),
        )
        return tuple(Tag(words, tone) for words, tone, is_told in counts if is_told)

    def _bar(self) -> Bar:
        if self._draft is None:
            return Bar(leave(self.back), (self._read_command(),))
        none: Message = "" if self._draft.accepted else message("impor.none_accepted")
        take = enter(message("export.take", count=len(self._draft.accepted)), self.accept, none)
        return Bar(leave(self.back), (take,))


def _row_line(each: Incoming) -> Line:
    who = each.applicant
    remarks = each.warnings
    tag = Tag(message("impor.is_doubtful"), Tone.CAUTION) if remarks else Tag(message("common.good"), Tone.GOOD)
    born = day_text(who.birth_date) if who.birth_date else ""
    text = f"{each.number} {who.name} {who.nik.digits} {each.registration}".lower()
    return Line(each.number, who.name, each.registration, born, tag, remarks, text)
