"""Beranda, sign-in and what lies beside them: how the screens look."""
