"""A WhatsApp number as a linked device: what neonize says becomes messages, and messages become what it sends.

| file | holds |
|---|---|
| `protobufs.py` | the generated message classes, without the Go library |
| `read.py` | pure: one event of the library to messages and receipts |
| `write.py` | pure: one message to what WhatsApp carries |
| `tag.py` | our own message id, hidden in a message's secret |
| `library.py`, `client.py` | the Go library, kept quiet, and one connection with it |
| `health.py` | what the session is in, in sentences that say what to do |
"""
