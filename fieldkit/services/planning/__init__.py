"""Planning of outreaches and the calendar of the dinas."""
