"""Alembic's entry: runs revisions on the connection that `store/migrate.py` brings.

How a rollout runs them: each revision states `phase = "pre"` (what new code needs and old code bears, before
the code is rolled out) or `phase = "post"` (what old code needed, after the last old process has gone).
So: `chatloom db upgrade --phase pre`, roll out, `chatloom db upgrade --phase post`. With everything
stopped, `chatloom db upgrade` runs all of them. The history is one line; there are no downgrades: a
release is taken back by its predecessor's code, which every `pre` revision bears.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
