"""The core: no Qt, no device, no network."""

VERSION = "0.2.0"  # as in pyproject.toml; reading it from the installed package would delay the sign-in
