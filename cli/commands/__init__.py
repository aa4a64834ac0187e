"""One file a command, found by folder: `register` adds it."""
