-- A version of a bot that a share of its new runs gets, before it is published. One at a time is open for a bot.
CREATE TABLE canaries (
    id            uuid PRIMARY KEY,             -- with the contact's id it decides who gets it
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    bot_id        uuid NOT NULL REFERENCES bots,
    version       integer NOT NULL,
    percent       smallint NOT NULL CHECK (percent BETWEEN 1 AND 99),
    base_version  integer NOT NULL,             -- what the others get
    started_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    how           text NOT NULL DEFAULT '',     -- promoted, aborted, replaced (by another publish)
    FOREIGN KEY (bot_id, version) REFERENCES bot_versions (bot_id, version)
);
CREATE UNIQUE INDEX canaries_open ON canaries (bot_id) WHERE ended_at IS NULL;
CREATE INDEX canaries_of_bot ON canaries (bot_id, started_at);

GRANT SELECT ON canaries TO chatloom_api, chatloom_runtime;
GRANT INSERT ON canaries TO chatloom_api;
GRANT UPDATE (percent, ended_at, how) ON canaries TO chatloom_api;

ALTER TABLE canaries ENABLE ROW LEVEL SECURITY;
ALTER TABLE canaries FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON canaries TO chatloom_owner USING (true);
CREATE POLICY runtime ON canaries TO chatloom_runtime USING (true);
CREATE POLICY api ON canaries TO chatloom_api
    USING (workspace_id = NULLIF(current_setting('chatloom.workspace', true), '')::uuid);
