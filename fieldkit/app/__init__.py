"""Where the program is put together and started: the only room that knows every other."""
