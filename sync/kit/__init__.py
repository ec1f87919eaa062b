"""The kit's side of delivery: transport, engine, enrolment."""
