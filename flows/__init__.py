"""The pure engine: load, check, compile, advance. The theory stands at the top of `flows/machine.py`."""
