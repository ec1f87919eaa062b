"""Files that ship with the program: messages, code tables, SOPs, letters, fonts and icons."""

from pathlib import Path

# Not `importlib.resources`: sign-in would wait for its loading, and the program is never run from an archive.
FOLDER = Path(__file__).parent
