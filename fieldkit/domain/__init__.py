"""Values and rules, pure: no IO, no library."""

from fieldkit.domain.light_dataclasses import make_lightly

make_lightly()  # before the first of ours is made
