"""Delivery of sealed records: the words both sides share, the kit's side and the data center's side."""
