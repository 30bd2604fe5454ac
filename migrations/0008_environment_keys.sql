-- Keys of environments: what pages and servers bring to decide, and to send events.
create table environment_keys (
    id uuid constraint environment_keys_pkey primary key,
    environment_id uuid not null
        constraint environment_keys_environment_id_fkey references environments (id),
    kind text not null
        constraint environment_keys_kind_known check (kind in ('publishable', 'secret')),
    name text not null
        constraint environment_keys_name_length check (char_length(name) between 1 and 128),
    secret_sha256 bytea not null
        constraint environment_keys_secret_sha256_length check (octet_length(secret_sha256) = 32),
    version bigint not null default 1,
    created_by text not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    last_used_at timestamptz
);

create index environment_keys_environment on environment_keys (environment_id, id);
