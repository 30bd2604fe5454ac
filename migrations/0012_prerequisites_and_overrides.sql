-- Prerequisites: what other experiments must have given. Overrides: users pinned to a variant.
create table prerequisites (
    experiment_id uuid not null
        constraint prerequisites_experiment_id_fkey references experiments (id) on delete cascade,
    position integer not null,
    -- Only archived experiments need one that is deleted.
    required_id uuid not null
        constraint prerequisites_required_id_fkey references experiments (id) on delete cascade,
    variants text[] not null,
    constraint prerequisites_pkey primary key (experiment_id, position),
    constraint prerequisites_required_unique unique (experiment_id, required_id),
    constraint prerequisites_not_itself check (experiment_id <> required_id)
);

create index prerequisites_required on prerequisites (required_id);

create table overrides (
    experiment_id uuid not null
        constraint overrides_experiment_id_fkey references experiments (id) on delete cascade,
    -- Bytes: a user key may contain NUL, which text cannot.
    user_key bytea not null
        constraint overrides_user_key_length check (octet_length(user_key) between 1 and 512),
    variant_id uuid not null,
    created_at timestamptz not null default now(),
    constraint overrides_pkey primary key (experiment_id, user_key)
);

-- Checked at commit: an experiment, its variants and its overrides are deleted in one statement.
alter table overrides
    add constraint overrides_variant_fkey foreign key (experiment_id, variant_id)
        references variants (experiment_id, id) deferrable initially deferred;
