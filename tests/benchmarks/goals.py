"""What is wanted of the program's speed, memory and disk: `make bench` and `make budget` judge by these alone.

A bound is the goal itself. What misses it is red, and named in docs/STATE.md with its profile.
"""

from __future__ import annotations

# Start and sign-in
FIRST_PIXEL_OF_A_BARE_WINDOW = 1.2  # times a bare window of Qt
SIGN_IN_SCREEN_OF_THE_SAME_WIDGETS = 1.6  # times a window of plain Qt with the same contents
SIGN_IN_SCREEN_OF_A_BARE_WINDOW = 1.7  # times a bare window of Qt
SIGN_IN_AFTER_YEARS = 1.3  # times the sign-in at a new home, of a processor
ENTER_TO_BERANDA_S = 1.0  # after five seconds on the sign-in screen
BERANDA_AFTER_READING_AHEAD = 0.6  # times the sign-in of somebody who types at once
MODULES_AFTER_ENTER = 100  # still to be imported then

# A person in front of the team
OWN_TIME_OF_A_PERSON_S = {"": 2.4, "nbis": 1.5}  # with NFIQ 2 and without
CAPTURE_OF_AN_EXCHANGE = 1.15  # times the device's own answer
SEAL_OF_OPENSSL = 0.6  # times `openssl cms -sign` and one pass of ChaCha20
BYTES_OF_A_PERSON = 16_000_000  # written to the disk, from the opening to the seal
WAITS_OF_A_PERSON = 30  # for the disk
RECORD_OF_ITS_SAMPLES = 1.25

# Memory and rest
MIB_A_MINUTE_AT_REST = 0.2
MB_A_PERSON = 5.0  # of a day, after the first five
GALLERY_BYTES = 60_000_000  # of 1,000 people

# What the office waits for
IMPORT_S = 2.5  # of 10,000 rows
SEARCH_MS = 12.0
FINDER_MS = 60.0  # a key of Ctrl K
LETTER_MS = 20.0
BERANDA_MS = 100.0
SCREEN_MS = 120.0

# The line
LINE_LONG, LINE_THIN, LINE_LOSSY = 0.80, 0.95, 0.90  # of curl's goodput
BYTES_OVER_A_CUT_LINE = 1.12  # times the bytes of the records

# The data center, of a bare server
GATEWAY_BYTES_A_SECOND, GATEWAY_INTO_THE_SAME_STORE = 0.60, 0.85
GATEWAY_PROCESSOR = 1.8  # times, with 20 kits
