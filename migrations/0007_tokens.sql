-- Tokens of the admin API: who may do what, and where. The secret itself is nowhere, only its digest.
create table tokens (
    id uuid constraint tokens_pkey primary key,
    name text not null
        constraint tokens_name_length check (char_length(name) between 1 and 128),
    role text not null
        constraint tokens_role_known check (role in ('viewer', 'editor', 'publisher', 'admin')),
    -- Null: every environment, those to come too.
    environments uuid[]
        constraint tokens_environments_some check (cardinality(environments) > 0),
    secret_sha256 bytea not null
        constraint tokens_secret_sha256_length check (octet_length(secret_sha256) = 32),
    version bigint not null default 1,
    created_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);

-- The history names tokens, so that a name means one token at a time.
create unique index tokens_name_unique on tokens (name) where revoked_at is null;
