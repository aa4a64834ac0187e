"""Tables of the admin side, one file a noun. The hot tables of a number are plain SQL in `store/`."""
