-- Segments: named audiences that rules refer to by key; `json` keeps operands as they were sent.
create table segments (
    id uuid constraint segments_pkey primary key,
    environment_id uuid not null
        constraint segments_environment_id_fkey references environments (id),
    key text not null
        constraint segments_key_form check (key ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    name text not null,
    description text,
    rules json not null,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint segments_environment_key_unique unique (environment_id, key)
);
