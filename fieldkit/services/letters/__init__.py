"""Letters and papers: written, numbered, archived, signed."""
