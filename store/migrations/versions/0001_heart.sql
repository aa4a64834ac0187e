-- The first schema: who owns what, bots and versions, the hot tables of a number, roles and policies.
-- Hot tables begin their key with number_id and carry workspace_id and slot; no query joins across numbers.
-- No other index of theirs that a statement by key could use begins with number_id: prepared while a table is
-- young, the statement would scan all of the number by it, for as long as the plan lives.

CREATE TABLE workspaces (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- A workspace's data key, wrapped by a master key. Rotation wraps anew; the key itself stays.
CREATE TABLE data_keys (
    workspace_id   uuid PRIMARY KEY REFERENCES workspaces,
    wrapped        bytea NOT NULL,
    master_key_id  text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    wrapped_at     timestamptz NOT NULL DEFAULT now()
);

-- An account with a vendor that signs its webhooks (for the Cloud API: a Meta app).
CREATE TABLE apps (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL UNIQUE,
    channel       text NOT NULL,
    settings      jsonb NOT NULL DEFAULT '{}',
    secrets       bytea NOT NULL,               -- sealed JSON object
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE bots (
    id                 uuid PRIMARY KEY,
    workspace_id       uuid NOT NULL REFERENCES workspaces,
    name               text NOT NULL,
    published_version  integer,                 -- what "latest" means
    created_at         timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);

-- Immutable but for published_at and message; a trigger holds that.
CREATE TABLE bot_versions (
    bot_id        uuid NOT NULL REFERENCES bots,
    version       integer NOT NULL,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    hash          text NOT NULL,                -- SHA-256 over the files, layout.json left out
    files         jsonb NOT NULL,               -- path -> text
    message       text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    published_at  timestamptz,
    PRIMARY KEY (bot_id, version),
    UNIQUE (bot_id, hash)
);

CREATE TABLE numbers (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    channel       text NOT NULL,
    app_id        uuid REFERENCES apps,
    account       text NOT NULL,                -- the vendor's id of the number
    settings      jsonb NOT NULL DEFAULT '{}',
    secrets       bytea NOT NULL,               -- sealed JSON object
    desired       text NOT NULL DEFAULT 'running' CHECK (desired IN ('running', 'paused')),
    state         text NOT NULL DEFAULT 'stopped',
    state_why     text NOT NULL DEFAULT '',
    state_since   timestamptz NOT NULL DEFAULT now(),
    slots         smallint NOT NULL DEFAULT 1,
    bot_id        uuid REFERENCES bots,
    bot_version   integer,                      -- NULL: the published one
    created_at    timestamptz NOT NULL DEFAULT now(),
    removed_at    timestamptz
);
CREATE UNIQUE INDEX numbers_account ON numbers (channel, account) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX numbers_name ON numbers (workspace_id, name) WHERE removed_at IS NULL;

-- Named secrets that flows may use as secret("name").
CREATE TABLE secrets (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    value         bytea NOT NULL,               -- sealed
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, name)
);

CREATE TABLE leases (
    number_id     uuid NOT NULL REFERENCES numbers,
    slot          smallint NOT NULL DEFAULT 0,
    workspace_id  uuid NOT NULL,
    epoch         bigint NOT NULL,
    owner         text NOT NULL,                -- host:pid:random
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (number_id, slot)
);
CREATE UNIQUE INDEX leases_epoch ON leases (number_id, slot, epoch);

CREATE TABLE contacts (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    profile       bytea,                        -- sealed JSON object of fields
    language      text NOT NULL DEFAULT '',
    opted_out     boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);

-- How channels name a contact, found by blind index only.
CREATE TABLE identities (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    blind         bytea NOT NULL,               -- HMAC(workspace key, kind, value)
    kind          text NOT NULL,
    contact_id    uuid NOT NULL REFERENCES contacts,
    value         bytea NOT NULL,               -- sealed
    PRIMARY KEY (workspace_id, blind)
);
CREATE INDEX identities_contact ON identities (contact_id);

CREATE TABLE conversations (
    number_id     uuid NOT NULL,
    id            uuid NOT NULL,
    workspace_id  uuid NOT NULL,
    slot          smallint NOT NULL DEFAULT 0,
    contact_id    uuid NOT NULL,
    state         bytea,                        -- sealed engine state
    contact       bytea,                        -- sealed copy of the profile and the channel's identities
    status        text NOT NULL DEFAULT 'idle', -- idle | running | handed_off
    flow          text NOT NULL DEFAULT '',
    step          text NOT NULL DEFAULT '',
    version       integer,
    run_id        uuid,
    team          text NOT NULL DEFAULT '',
    opted_out     boolean NOT NULL DEFAULT false,
    last_in_at    timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number_id, id),
    UNIQUE (contact_id, number_id)
) WITH (fillfactor = 70);

-- Events to process. Unique by (number, source id): a repeated delivery is the same row.
CREATE TABLE inbox (
    number_id        uuid NOT NULL,
    source_id        text NOT NULL,
    workspace_id     uuid NOT NULL,
    slot             smallint NOT NULL DEFAULT 0,
    event_id         uuid NOT NULL,
    conversation_id  uuid,                      -- NULL for what a contact sent: the owner resolves it
    kind             text NOT NULL,
    received_at      timestamptz NOT NULL,
    seq              bigint GENERATED ALWAYS AS IDENTITY,
    payload          bytea,                     -- sealed event JSON; NULL when done
    done_at          timestamptz,
    PRIMARY KEY (number_id, source_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX inbox_undone ON inbox (number_id, slot, received_at, seq) WHERE done_at IS NULL;

-- What was processed, once, normalized: replay and transcripts read it.
CREATE TABLE events (
    number_id        uuid NOT NULL,
    month            date NOT NULL,
    id               uuid NOT NULL,
    workspace_id     uuid NOT NULL,
    slot             smallint NOT NULL DEFAULT 0,
    conversation_id  uuid NOT NULL,
    run_id           uuid,
    version          integer,
    kind             text NOT NULL,
    at               timestamptz NOT NULL,
    payload          bytea NOT NULL,            -- sealed event JSON
    trace            jsonb NOT NULL DEFAULT '[]', -- steps and outcomes, no values
    PRIMARY KEY (number_id, month, id)
) PARTITION BY RANGE (month);
CREATE INDEX events_conversation ON events (conversation_id, id);

CREATE TABLE messages (
    number_id        uuid NOT NULL,
    month            date NOT NULL,
    id               uuid NOT NULL,             -- inbound: the event's id
    workspace_id     uuid NOT NULL,
    slot             smallint NOT NULL DEFAULT 0,
    conversation_id  uuid NOT NULL,
    direction        text NOT NULL CHECK (direction IN ('in', 'out')),
    kind             text NOT NULL,
    body             bytea,                     -- sealed JSON; NULL for inbound as it came (see events)
    status           text NOT NULL,             -- received | queued | sending | sent | delivered | read | failed
    status_at        timestamptz NOT NULL,
    provider_id      text NOT NULL DEFAULT '',
    error_code       text NOT NULL DEFAULT '',
    error            text NOT NULL DEFAULT '',
    flow             text NOT NULL DEFAULT '',
    step             text NOT NULL DEFAULT '',
    version          integer,
    by               text NOT NULL DEFAULT '',  -- the person who wrote it; empty: the bot or the contact
    place            integer NOT NULL DEFAULT 0,-- order among the messages of one turn
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (number_id, month, id)
) PARTITION BY RANGE (month);
CREATE INDEX messages_conversation ON messages (conversation_id, created_at, place);

CREATE TABLE message_refs (
    number_id     uuid NOT NULL,
    provider_id   text NOT NULL,
    month         date NOT NULL,
    message_id    uuid NOT NULL,
    workspace_id  uuid NOT NULL,
    PRIMARY KEY (number_id, provider_id, month)
) PARTITION BY RANGE (month);

-- Messages to send: a row lives until it is settled, or dead until a person looks at it.
CREATE TABLE outbox (
    number_id        uuid NOT NULL,
    message_id       uuid NOT NULL,
    workspace_id     uuid NOT NULL,
    slot             smallint NOT NULL DEFAULT 0,
    conversation_id  uuid NOT NULL,
    seq              bigint GENERATED ALWAYS AS IDENTITY,
    priority         smallint NOT NULL DEFAULT 0,
    state            text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'dead')),
    attempt          smallint NOT NULL DEFAULT 0,
    due_at           timestamptz NOT NULL,
    sending_since    timestamptz,
    reply_to         text NOT NULL DEFAULT '',  -- a provider's id to quote
    error_code       text NOT NULL DEFAULT '',
    error            text NOT NULL DEFAULT '',
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (number_id, message_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX outbox_dead ON outbox (number_id, created_at) WHERE state = 'dead';

-- Delivery reports as the doors took them; the owner folds them into messages and deletes them.
CREATE TABLE receipts (
    number_id     uuid NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    workspace_id  uuid NOT NULL,
    slot          smallint NOT NULL DEFAULT 0,
    message_id    uuid,                         -- the tracker, where the channel returns it
    provider_id   text NOT NULL,
    status        text NOT NULL,                -- sent | delivered | read | failed
    at            timestamptz NOT NULL,
    error_code    text NOT NULL DEFAULT '',
    error         text NOT NULL DEFAULT '',
    pricing       jsonb,
    received_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number_id, id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE timers (
    number_id        uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    name             text NOT NULL,
    id               uuid NOT NULL,
    workspace_id     uuid NOT NULL,
    slot             smallint NOT NULL DEFAULT 0,
    due_at           timestamptz NOT NULL,
    visit            integer NOT NULL,
    PRIMARY KEY (number_id, conversation_id, name)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX timers_due ON timers (slot, number_id, due_at);

CREATE TABLE action_calls (
    number_id        uuid NOT NULL,
    id               uuid NOT NULL,             -- also the idempotency key
    workspace_id     uuid NOT NULL,
    slot             smallint NOT NULL DEFAULT 0,
    conversation_id  uuid NOT NULL,
    kind             text NOT NULL,
    flow             text NOT NULL DEFAULT '',
    step             text NOT NULL DEFAULT '',
    visit            integer NOT NULL,
    request          bytea NOT NULL,            -- sealed effect JSON
    result           bytea,                     -- sealed
    state            text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
    attempt          smallint NOT NULL DEFAULT 0,
    due_at           timestamptz NOT NULL,
    error            text NOT NULL DEFAULT '',
    created_at       timestamptz NOT NULL,
    done_at          timestamptz,
    PRIMARY KEY (number_id, id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX action_calls_due ON action_calls (number_id, slot, due_at) WHERE state IN ('queued', 'running');

CREATE TABLE runs (
    number_id        uuid NOT NULL,
    id               uuid NOT NULL,
    workspace_id     uuid NOT NULL,
    slot             smallint NOT NULL DEFAULT 0,
    conversation_id  uuid NOT NULL,
    bot_id           uuid,
    version          integer,
    flow             text NOT NULL,
    trigger          text NOT NULL DEFAULT '',
    started_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    how              text NOT NULL DEFAULT '',
    result           text NOT NULL DEFAULT '',
    error            text NOT NULL DEFAULT '',
    data             bytea,                     -- sealed, when ended
    PRIMARY KEY (number_id, id)
) WITH (fillfactor = 70);
CREATE INDEX runs_open ON runs (number_id, version) WHERE ended_at IS NULL;

-- What was taken but could not be understood or processed, whole, with why.
CREATE TABLE quarantine (
    id               uuid PRIMARY KEY,
    workspace_id     uuid NOT NULL,
    number_id        uuid,
    app_id           uuid,
    source_id        text NOT NULL DEFAULT '',
    conversation_id  uuid,
    kind             text NOT NULL,
    received_at      timestamptz NOT NULL,
    payload          bytea NOT NULL,            -- sealed
    error            text NOT NULL
);
CREATE INDEX quarantine_number ON quarantine (workspace_id, received_at);

CREATE TABLE contact_changes (
    number_id        uuid NOT NULL,
    id               uuid NOT NULL,
    workspace_id     uuid NOT NULL,
    contact_id       uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    fields           bytea NOT NULL,            -- sealed JSON object
    at               timestamptz NOT NULL,
    PRIMARY KEY (number_id, id)
);

-- Media blobs' whereabouts: content-addressed within a workspace.
CREATE TABLE media (
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    ref           text NOT NULL,                -- SHA-256 of the plain bytes, hex
    mime          text NOT NULL,
    bytes         bigint NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, ref)
);
