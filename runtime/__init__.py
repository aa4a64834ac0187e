"""The process of a number, and the supervisor of many."""
