-- People, how they sign in, invitations and API keys. What is asked before it is known which workspace a caller
-- belongs to, functions answer: one row for one exact question, and nothing else.

-- A person belongs to one workspace. An address is one person's in the whole installation: by it he signs in,
-- before anybody knows his workspace.
CREATE TABLE users (
    id                   uuid PRIMARY KEY,
    workspace_id         uuid NOT NULL REFERENCES workspaces,
    email                text NOT NULL,            -- lower case
    name                 text NOT NULL,
    role                 text NOT NULL CHECK (role IN ('viewer', 'agent', 'editor', 'admin')),
    password             text NOT NULL,            -- argon2id, PHC string
    password_changed_at  timestamptz NOT NULL DEFAULT now(),
    totp                 bytea,                    -- sealed secret of the second factor
    totp_confirmed_at    timestamptz,              -- NULL: it is not asked for yet
    totp_step            bigint NOT NULL DEFAULT 0,-- the time step of the last code that was taken
    created_at           timestamptz NOT NULL DEFAULT now(),
    signed_in_at         timestamptz
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_workspace ON users (workspace_id, id);

CREATE TABLE recovery_codes (
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash          bytea NOT NULL,                  -- SHA-256 of 80 random bits
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    used_at       timestamptz,
    PRIMARY KEY (user_id, hash)
);

-- A person signed in on one device: a family of refresh tokens, of which the last has number `turn`.
CREATE TABLE sign_ins (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    turn          integer NOT NULL DEFAULT 0,
    turned_at     timestamptz NOT NULL DEFAULT now(),
    address       text NOT NULL DEFAULT '',
    agent         text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_why     text NOT NULL DEFAULT ''
);
CREATE INDEX sign_ins_user ON sign_ins (user_id, id);

-- A one-time token: for somebody new, or (user_id) for a new password of somebody who is here.
CREATE TABLE invitations (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    email         text NOT NULL,
    role          text NOT NULL CHECK (role IN ('viewer', 'agent', 'editor', 'admin')),
    user_id       uuid REFERENCES users ON DELETE CASCADE,
    hash          bytea NOT NULL UNIQUE,           -- SHA-256 of 256 random bits
    invited_by    text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    accepted_at   timestamptz
);
CREATE INDEX invitations_workspace ON invitations (workspace_id, id);
CREATE INDEX invitations_user ON invitations (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE api_keys (
    id            uuid PRIMARY KEY,
    workspace_id  uuid NOT NULL REFERENCES workspaces,
    name          text NOT NULL,
    hint          text NOT NULL,                   -- how it begins
    hash          bytea NOT NULL UNIQUE,           -- SHA-256 of 256 random bits
    role          text NOT NULL CHECK (role IN ('viewer', 'agent', 'editor', 'admin')),
    scopes        text[],                          -- resource, or resource:read; NULL: all
    made_by       text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    used_at       timestamptz,
    revoked_at    timestamptz
);
CREATE INDEX api_keys_workspace ON api_keys (workspace_id, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON users, recovery_codes, sign_ins, invitations, api_keys TO chatloom_api;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['users', 'recovery_codes', 'sign_ins', 'invitations', 'api_keys'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner ON %I TO chatloom_owner USING (true)', name);
        EXECUTE format(
            'CREATE POLICY api ON %I TO chatloom_api'
            ' USING (workspace_id = NULLIF(current_setting(''chatloom.workspace'', true), '''')::uuid)', name);
    END LOOP;
END $$;

-- Whose address this is, with the hash of his password: an unknown address takes no query less than a known one.
CREATE FUNCTION user_of_email(address text) RETURNS TABLE (workspace_id uuid, id uuid, password text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.workspace_id, u.id, u.password FROM users u WHERE u.email = address
$$;

-- Whose device this is, while it is signed in.
CREATE FUNCTION caller_of_sign_in(sign_in uuid)
    RETURNS TABLE (workspace_id uuid, user_id uuid, email text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.workspace_id, u.id, u.email, u.role FROM sign_ins s JOIN users u ON u.id = s.user_id
    WHERE s.id = sign_in AND s.ended_at IS NULL AND s.expires_at > now()
$$;

-- The workspace of a device, signed in or no more.
CREATE FUNCTION workspace_of_sign_in(sign_in uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.workspace_id FROM sign_ins s WHERE s.id = sign_in
$$;

-- What an API key opens; that it was used is noted once a minute.
CREATE FUNCTION caller_of_api_key(hashed bytea)
    RETURNS TABLE (workspace_id uuid, id uuid, name text, role text, scopes text[])
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE api_keys k SET used_at = now()
    WHERE k.hash = hashed AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
      AND (k.used_at IS NULL OR k.used_at < now() - interval '1 minute');
    RETURN QUERY SELECT k.workspace_id, k.id, k.name, k.role, k.scopes FROM api_keys k
    WHERE k.hash = hashed AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
END $$;

-- Where an invitation belongs.
CREATE FUNCTION workspace_of_invitation(hashed bytea) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.workspace_id FROM invitations i WHERE i.hash = hashed
$$;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['user_of_email(text)', 'caller_of_sign_in(uuid)', 'workspace_of_sign_in(uuid)',
                                'caller_of_api_key(bytea)', 'workspace_of_invitation(bytea)'] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO chatloom_api', name);
    END LOOP;
END $$;
