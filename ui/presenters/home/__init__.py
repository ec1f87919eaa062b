"""Beranda and what stands around every screen: sign-in, lock, strip: presenters and their words."""
