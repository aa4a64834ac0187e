-- Teams; and what lets lists of conversations and dead letters be read in their order.

CREATE TABLE teams (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,                -- what flows hand over to
    title         text NOT NULL DEFAULT '',
    former        text[] NOT NULL DEFAULT '{}', -- names that it had: versions that run use them
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);

CREATE TABLE team_members (
    team_id       uuid NOT NULL REFERENCES teams ON DELETE CASCADE,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    since         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user ON team_members (user_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON teams, team_members TO chatloom_api;
GRANT SELECT ON teams, team_members TO chatloom_runtime;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['teams', 'team_members'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format('CREATE POLICY runtime ON %I TO chatloom_runtime USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;

-- The five minutes in which a conversation last moved. An index on updated_at would be written by each turn, and the
-- row's others with it; this one is written once in five minutes at most, and within them few rows are to be sorted.
-- It begins with the workspace: see 0001 on what begins with number_id. Adding the column rewrites the table.
ALTER TABLE conversations ADD COLUMN stirred timestamptz NOT NULL
    GENERATED ALWAYS AS (date_bin('5 minutes', updated_at, '2000-01-01 00:00:00+00'::timestamptz)) STORED;
CREATE INDEX conversations_stirred ON conversations (workspace_id, number_id, stirred);

CREATE INDEX outbox_dead_everywhere ON outbox (workspace_id, created_at, message_id) WHERE state = 'dead';
