"""The database's history: one file a revision in `versions/`, with its `phase` (see `store/migrate.py`)."""
