"""The way of a sealed record to the data center, and what vouches for log and clock."""
