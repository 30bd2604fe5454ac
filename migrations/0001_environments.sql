-- Environments: each has its own experiments, versions and published snapshots.
create table environments (
    id uuid constraint environments_pkey primary key,
    name text not null
        constraint environments_name_unique unique
        constraint environments_name_form check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    client_side_default boolean not null,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
