"""Numbers, money and days in Indonesian words, as official letters spell them (terbilang)."""

from __future__ import annotations

from datetime import date, time

from fieldkit.domain.errors import InputError

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
LARGEST = 10**15 - 1

_DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
_SCALES = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (10**3, "ribu"))


def number_words(number: int) -> str:
    """Return a number in words: 1250 is "seribu dua ratus lima puluh". Raise `InputError` above `LARGEST`."""
    if abs(number) > LARGEST:
        raise InputError("terbilang.too_large", number=number)
    if number < 0:
        return f"minus {number_words(-number)}"
    if number == 0:
        return _DIGITS[0]
    said, rest = [], number
    for scale, name in _SCALES:
        count, rest = divmod(rest, scale)
        if count:
            # One thousand alone is "seribu"; one million is "satu juta".
            said.append("seribu" if scale == 1000 and count == 1 else f"{_below_thousand(count)} {name}")
    if rest:
        said.append(_below_thousand(rest))
    return " ".join(said)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = []
    if hundreds:
        said.append("seratus" if hundreds == 1 else f"{_DIGITS[hundreds]} ratus")
    if rest >= 20:
        tens, rest = divmod(rest, 10)
        said.append(f"{_DIGITS[tens]} puluh")
    elif rest >= 12:
        said.append(f"{_DIGITS[rest - 10]} belas")
        rest = 0
    if rest:
        said.append(_DIGITS[rest])
    return " ".join(said)


def rupiah(amount: int) -> str:
    """Return whole rupiah as figures: "Rp1.250.000"."""
    figures = f"{abs(amount):,}".replace(",", ".")
    return f"-Rp{figures}" if amount < 0 else f"Rp{figures}"


def rupiah_words(amount: int) -> str:
    """Return whole rupiah in words: "satu juta rupiah"."""
    return f"{number_words(amount)} rupiah"


def counted(count: int) -> str:
    """Return a count with its words: "3 (tiga)"."""
    return f"{count} ({number_words(count)})"


def long_date(day: date) -> str:
    """Return a day as letters date it: "23 November 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def weekday(day: date) -> str:
    """Return the name of the day of the week."""
    return WEEKDAYS[day.weekday()]


def day_words(day: date) -> str:
    """Return a day as a berita acara spells it: "Senin, tanggal dua puluh tiga bulan November tahun …"."""
    month = MONTHS[day.month - 1]
    return f"{weekday(day)}, tanggal {number_words(day.day)} bulan {month} tahun {number_words(day.year)}"


def days_text(days: tuple[date, ...]) -> str:
    """Return days as a letter names them: one day, a range without gaps, or a list."""
    ordered = sorted(set(days))
    if not ordered:
        return ""
    first, last = ordered[0], ordered[-1]
    if first == last:
        return f"{weekday(first)}, {long_date(first)}"
    if (last - first).days == len(ordered) - 1:
        return f"{weekday(first)} s.d. {weekday(last)}, {long_date(first)} s.d. {long_date(last)}"
    return "; ".join(f"{weekday(day)}, {long_date(day)}" for day in ordered)


def clock_text(at: time) -> str:
    """Return a time of day with the full stop that Indonesian uses: "08.30"."""
    return f"{at:%H.%M}"
