"""What people look up at the data center: records, their numbers, and who looked."""
