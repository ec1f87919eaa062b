"""What a recording is: a person, positions, samples, attempts, the record."""
