"""An emulator of the WhatsApp server for linked devices; see README.md."""
