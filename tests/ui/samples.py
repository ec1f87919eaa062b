"""Sample screens built from the widgets, for pictures and tests; no service stands behind them."""

from __future__ import annotations

import math

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from fieldkit.domain.recording.positions import EYES, FINGERS, RIGHT_FOUR, Position
from fieldkit.ports.devices import PenPoint, Signature
from ui.presenters import figures
from ui.presenters.figures import (
    Attempt,
    BigAction,
    Column,
    FigureCell,
    Finger,
    FingerMark,
    Guide,
    Number,
    QualityRow,
    Row,
    Step,
    StepMark,
    rows_of,
)
from ui.presenters.parts import Choice, Empty, Progress, Tag, Tone
from ui.presenters.presenter import Action, Command, Weight
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Card, ProgressCard
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.layout import Role, Text
from ui.widgets.numbers import BigActionCard, NumberRow
from ui.widgets.preview import InkView, LivePreview, PhotoView, PinBoxes
from ui.widgets.quality_panel import Advice, Attempts, QualityRows, StepRail, Timeline
from ui.widgets.table_card import TableCard
from ui.widgets.tags import TagLabel, TagRow

SOP = (
    ("Surat permohonan diterima", "Pemohon · 5 mnt"),
    ("Disposisi", "Kepala Dinas · 8 dari 10 mnt"),
    ("Verifikasi, jadwal, surat tugas", "Bidang Dafduk · 95 dari 120 mnt"),
    ("TTE surat balasan", "Kepala Dinas · 6 dari 10 mnt"),
    ("Surat balasan diterima", "Pemohon"),
    ("Sarpras dan SPPD", "Petugas · 24 dari 30 mnt"),
    ("Menuju desa", "Petugas · 48 mnt"),
    ("Koordinasi aparat desa", "Petugas · 20 dari 30 mnt"),
    ("Menuju lokasi, didampingi", "Petugas · 25 mnt"),
    ("Perekaman KTP-el", "5 dari 12 · rata-rata 19 dari 30 mnt"),
    ("Sarpras kembali", "Petugas"),
    ("Cetak dan penyerahan", "lihat SOP KTP-el Pemula"),
)
RAIL = ("Biodata", "Foto", "Tanda tangan", "4 jari kanan", "4 jari kiri", "Ibu jari", "Iris", "Pengesahan")

EMPTY = Empty(
    "Antrean kosong", "Semua rekaman sudah diterima data center.", Command("pressed", "Rekam warga", Action.ACCEPT)
)


def margins(layout: QHBoxLayout | QVBoxLayout | QGridLayout) -> None:
    layout.setContentsMargins(24, 24, 24, 14)
    layout.setSpacing(16)


def beranda(theming: ThemeContext, content: QWidget) -> None:
    row = QHBoxLayout(content)
    margins(row)
    row.setSpacing(24)
    left = QVBoxLayout()
    left.setSpacing(16)
    head = Card(theming)
    line = QHBoxLayout()
    words = QVBoxLayout()
    words.addWidget(TagLabel(theming, Tag("Hari ini · luring")))
    words.addWidget(Text(Role.TITLE, "Jemput bola Desa Jimbe, Kademangan", wraps=True))
    words.addWidget(Text(Role.MUTED, "Surat tugas sementara K07-0031 · 3 petugas · berangkat 07.30", wraps=True))
    line.addLayout(words, 1)
    numbers = NumberRow(theming)
    numbers.render_numbers(
        (
            Number("12", "sasaran"),
            Number("5", "direkam", Tone.GOOD),
            Number("2", "dengan pengecualian", Tone.CAUTION),
            Number("1", "kunjungi lagi", Tone.BAD),
        )
    )
    line.addWidget(numbers, 1)
    head.body.addLayout(line)
    left.addWidget(head)
    grid = QGridLayout()
    grid.setSpacing(16)
    bigs = (
        BigAction(
            Command("pressed", "Rekam", Action.CHOICE_1, Weight.PRIMARY),
            "Berikutnya: rumah ke-6, RT 03/RW 01",
            "4 menunggu",
        ),
        BigAction(
            Command("pressed", "Persiapan", Action.CHOICE_2), "Sarpras keluar lengkap, 26 dari 26", "Siap", Tone.GOOD
        ),
        BigAction(Command("pressed", "Kirim", Action.CHOICE_3), "Tersimpan aman di laptop dan USB", "7 belum terkirim"),
        BigAction(Command("pressed", "Pengembalian", Action.CHOICE_4), "Setelah kembali ke kantor", "26 barang"),
    )
    for index, big in enumerate(bigs):
        card = BigActionCard(theming)
        card.render_big(big)
        grid.addWidget(card, index // 2, index % 2)
    left.addLayout(grid, 1)
    advice = Advice(theming)
    advice.render_advice(
        "Tertua belum terkirim: 2 hari.",
        "Kirim saat tiba di kantor, atau salin ke USB sekarang.",
        action=Command("pressed", "Salin ke USB"),
    )
    left.addWidget(advice)
    row.addLayout(left, 1)
    side = Card(theming)
    side.setFixedWidth(380)
    side.set_title("SOP Si Jaran Ijo")
    timeline = Timeline(theming)
    marks = [StepMark.DONE] * 9 + [StepMark.CURRENT] + [StepMark.PENDING] * 2
    timeline.render_steps(tuple(Step(w, w, m, d) for (w, d), m in zip(SOP, marks, strict=True)))
    side.body.addWidget(timeline)
    side.body.addStretch(1)
    row.addWidget(side)


def scored(position: Position, quality: int) -> Finger:
    tone = Tone.GOOD if quality >= 60 else Tone.CAUTION if quality >= 40 else Tone.BAD
    return Finger(position, FingerMark.SCORED, quality, tone)


def prints() -> QImage:
    image = QImage(1280, 460, QImage.Format.Format_RGB32)
    image.fill(QColor("#0B1B2B"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#7FA6D6"), 4))
    for x in (240, 500, 760, 1020):
        for ring in range(1, 9):
            painter.drawEllipse(QPointF(x, 230), ring * 10, ring * 16)
    painter.end()
    return image


def perekaman(theming: ThemeContext, content: QWidget) -> None:
    row = QHBoxLayout(content)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    left = surface()
    column = QVBoxLayout(left)
    column.setContentsMargins(0, 14, 0, 14)
    rail = StepRail(theming)
    done = [StepMark.DONE, StepMark.EXCEPTED, StepMark.MISSING, StepMark.CURRENT] + [StepMark.PENDING] * 4
    rail.render_steps(tuple(Step(name, name, mark) for name, mark in zip(RAIL, done, strict=True)))
    column.addWidget(rail)
    column.addStretch(1)
    for role, words in ((Role.TITLE, "11:42"), (Role.MUTED, "dari 30 menit")):
        text = Text(role, words)
        text.setContentsMargins(18, 0, 0, 0)
        column.addWidget(text)
    row.addWidget(left)
    middle = QVBoxLayout()
    margins(middle)
    head = QHBoxLayout()
    head.addWidget(Text(Role.TITLE, "Empat jari kanan"))
    head.addWidget(Text(Role.MUTED, "Tekan sedikit lebih kuat, jari rapat", wraps=True), 1)
    middle.addLayout(head)
    preview = LivePreview(theming)
    preview.show_image(prints())
    tones = (Tone.GOOD, Tone.BAD, Tone.GOOD, Tone.CAUTION)
    preview.render_marks(
        ("Langsung · 32 gambar per detik", "4 dari 4 jari terlihat"),
        tuple(figures.Frame(120 + 204 * i, 80, 140, 840, tone) for i, tone in enumerate(tones)),
    )
    middle.addWidget(preview, 1)
    card = Card(theming)
    hands = HandsPicture(theming)
    marks = [scored(p, q) for p, q in zip(RIGHT_FOUR, (72, 31, 66, 58), strict=True)]
    marks += [Finger(Position.LEFT_LITTLE, FingerMark.EXCEPTED), Finger(Position.RIGHT_THUMB, FingerMark.WANTED)]
    marks += [Finger(Position.LEFT_INDEX, FingerMark.FAILED), Finger(Position.LEFT_RING, is_selected=True)]
    hands.render_fingers(tuple(marks))
    card.body.addWidget(hands)
    middle.addWidget(card, 1)
    row.addLayout(middle, 1)
    side = surface()
    side.setFixedWidth(theming.tokens.size["side"])
    column = QVBoxLayout(side)
    column.setContentsMargins(20, 20, 20, 14)
    column.setSpacing(14)
    column.addWidget(Text(Role.SECTION, "Mutu per jari"))
    rows = QualityRows(theming)
    rows.render_rows(
        (
            QualityRow("Telunjuk", "72", Tag("Baik", Tone.GOOD)),
            QualityRow("Tengah", "31", Tag("Ulangi", Tone.BAD)),
            QualityRow("Manis", "66", Tag("Baik", Tone.GOOD)),
            QualityRow("Kelingking", "58", Tag("Cukup", Tone.CAUTION)),
        )
    )
    column.addWidget(rows)
    advice = Advice(theming)
    advice.render_advice("Jari tengah terlalu kering", "Usap dengan tisu dan sedikit minyak kayu putih, lalu ulangi.")
    column.addWidget(advice)
    attempts = Attempts(theming)
    attempts.render_attempts(
        (
            Attempt("Percobaan 1", Tag("2 dari 4 baik", Tone.BAD)),
            Attempt("Percobaan 2", Tag("3 dari 4 baik", Tone.CAUTION), "terbaik sejauh ini"),
        )
    )
    column.addWidget(attempts)
    column.addWidget(Text(Role.MUTED, "Sisa percobaan: 2. Nilai terbaik tiap jari disimpan.", wraps=True))
    column.addStretch(1)
    row.addWidget(side)


def surface() -> QWidget:
    widget = QWidget()
    widget.setProperty("role", "surface")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget


def ink() -> Signature:
    stroke = tuple(PenPoint(8000 + 900 * i, round(16000 + 7000 * math.sin(i / 6)), 0.5, 10 * i) for i in range(55))
    return Signature((stroke,), 66000, 34000)


def portrait() -> bytes:
    image = QImage(300, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("#DB1514"))
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    for colour, x, y, w, h in (("#334A5E", 40, 300, 220, 240), ("#E5C4A8", 75, 90, 150, 200)):
        painter.setBrush(QColor(colour))
        painter.drawEllipse(x, y, w, h)
    painter.end()
    memory = QByteArray()
    buffer = QBuffer(memory)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG")
    return bytes(memory.data())


def tinjau(theming: ThemeContext, content: QWidget) -> None:
    row = QHBoxLayout(content)
    margins(row)
    row.setSpacing(24)
    left = QVBoxLayout()
    left.setSpacing(16)
    left.addWidget(Text(Role.TITLE, "Tinjau dan segel"))
    upper = QHBoxLayout()
    photo_card, hands_card = Card(theming), Card(theming)
    photo = PhotoView(theming)
    photo.show_photo(portrait(), "Foto")
    photo_card.setFixedWidth(230)
    photo_card.body.addWidget(photo, 1)
    photo_card.body.addWidget(TagLabel(theming, Tag("Foto", Tone.GOOD)))
    photo_card.body.addWidget(Text(Role.MUTED, "latar merah, lahir 1951", wraps=True))
    hands = HandsPicture(theming)
    scores = (74, 72, 64, 66, 58, 68, 61, 70, 63)
    excepted = Finger(Position.LEFT_LITTLE, FingerMark.EXCEPTED)
    hands.render_fingers((*(scored(p, q) for p, q in zip(FINGERS, scores, strict=False)), excepted))
    hands_card.body.addWidget(hands, 1)
    hands_card.body.addWidget(Text(Role.MUTED, "Kelingking kiri: pengecualian, luka/perban · 3 percobaan", wraps=True))
    upper.addWidget(photo_card)
    upper.addWidget(hands_card, 1)
    left.addLayout(upper, 3)
    lower = QHBoxLayout()
    eyes_card, ink_card = Card(theming), Card(theming)
    eyes = EyesPicture(theming)
    eyes.render_eyes((scored(EYES[0], 81), scored(EYES[1], 47)))
    eyes_card.body.addWidget(eyes)
    view = InkView(theming)
    view.show_signature(ink())
    ink_card.set_title("Tanda tangan")
    ink_card.body.addWidget(view)
    lower.addWidget(eyes_card, 1)
    lower.addWidget(ink_card, 1)
    left.addLayout(lower, 2)
    row.addLayout(left, 1)
    side = QVBoxLayout()
    check, pin_card = Card(theming), Card(theming)
    check.setFixedWidth(376)
    check.set_title("Kelengkapan")
    rows = QualityRows(theming)
    names = ("Biodata sesuai KK", "Foto", "Sepuluh jari", "Dua iris", "Tanda tangan", "Kembar di laptop ini", "Usia")
    tags = [Tag("Lengkap", Tone.GOOD)] * 7
    tags[2], tags[6] = Tag("9 + 1 pengecualian", Tone.CAUTION), Tag("74 · langsung cetak", Tone.GOOD)
    rows.render_rows(tuple(QualityRow(name, "", tag) for name, tag in zip(names, tags, strict=True)))
    check.body.addWidget(rows)
    pin_card.set_title("PIN petugas")
    pin_card.body.addWidget(PinBoxes(theming))
    pin_card.body.addWidget(Text(Role.MUTED, "Setelah disegel, rekaman hanya dapat dibuka pusat data.", wraps=True))
    side.addWidget(check)
    side.addStretch(1)
    side.addWidget(pin_card)
    row.addLayout(side)


def kirim(theming: ThemeContext, content: QWidget) -> None:
    column = QVBoxLayout(content)
    margins(column)
    progress = ProgressCard(theming)
    progress.render_progress(Progress("6,1 dari 12,4 MB", 61, 124, "212 kB/dtk · kira-kira 30 detik lagi"))
    column.addWidget(progress)
    tags = (Tag("Diterima pusat", Tone.GOOD), Tag("Mengirim 62%"), Tag("Ditahan", Tone.BAD), Tag("Menunggu"))
    table = TableCard(theming)
    columns = tuple(Column(t, w) for t, w in (("Umur", 90), ("Orang", 260), ("Tempat", 150), ("Ukuran", 90)))
    columns = (*columns, Column("Keadaan", 190), Column("Keterangan"))

    def line(index: int) -> Row:
        person = FigureCell(f"SIT••• · 350512••••••••{index % 100:02}", is_strong=True)
        state, note = FigureCell(tags=(tags[index % 4],)), FigureCell("tanda terima 16.41.07", is_muted=True)
        cells = (
            FigureCell("2 hari"),
            person,
            FigureCell("Desa Maliran", is_muted=True),
            FigureCell("1,8 MB"),
            state,
            note,
        )
        return Row(str(index), cells)

    rows = figures.Rows(100_000, 100_000, line)
    table.render_table("Antrean dan kirim", columns, rows, empty=EMPTY, tags=(Tag("Mengirim 4 dari 7"),))
    column.addWidget(table, 1)


def sarpras(theming: ThemeContext, content: QWidget) -> None:
    row = QHBoxLayout(content)
    margins(row)
    table = TableCard(theming)
    full = (Tag("Lengkap"), Tag("Bersih"))
    lines = tuple(
        Row(
            name,
            (
                FigureCell(name, f"SN {name[:3].upper()}-20817", is_strong=True),
                FigureCell(tags=(tag,)),
                FigureCell(tags=full),
                FigureCell("1,9 dtk"),
            ),
        )
        for name, tag in (
            ("Pemindai sidik jari", Tag("Baik", Tone.GOOD)),
            ("Laptop", Tag("Rusak ringan", Tone.CAUTION)),
        )
    )
    columns = (Column("Barang"), Column("Kondisi", 180), Column("Kelengkapan", 210), Column("Uji alat", 120))
    table.render_table(
        "Sarpras keluar", columns, rows_of(lines), empty=EMPTY, tags=(Tag("24 dari 26 siap", Tone.GOOD),)
    )
    row.addWidget(table, 1)
    side = QVBoxLayout()
    choices = ChoiceList(theming)
    choices.setFixedWidth(376)
    choices.render_choices(
        (
            Choice("baik", "Baik"),
            Choice("ringan", "Rusak ringan", "masih dapat dipakai"),
            Choice("hilang", "Hilang", refused="Hanya ketua tim yang dapat menyatakan hilang."),
        ),
        "ringan",
    )
    side.addWidget(choices)
    field, wrong = TextField(theming), TextField(theming)
    field.render_field("Nama lengkap", "SITI AMINAH")
    wrong.render_field("NIK", "3505", problem="NIK harus 16 angka.")
    tags = TagRow(theming)
    tags.render_tags(tuple(Tag(tone.value, tone) for tone in Tone))
    for widget in (field, wrong, tags):
        side.addWidget(widget)
    side.addStretch(1)
    row.addLayout(side)


def foto(theming: ThemeContext, content: QWidget) -> None:
    column = QVBoxLayout(content)
    margins(column)
    preview = LivePreview(theming)
    preview.show_image(QImage.fromData(QByteArray(portrait())))
    preview.render_marks(("Satu wajah",), guide=Guide.FACE)
    column.addWidget(preview)
