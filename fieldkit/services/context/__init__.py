"""What a signed-in person works with: the services put together, duties, what was left."""
