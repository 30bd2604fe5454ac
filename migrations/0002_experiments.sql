-- Experiments with their variants and bucket ranges; `json` (not `jsonb`) keeps the bytes that were sent.
create table experiments (
    id uuid constraint experiments_pkey primary key,
    environment_id uuid not null
        constraint experiments_environment_id_fkey references environments (id),
    key text not null
        constraint experiments_key_form check (key ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    name text not null,
    description text,
    hypothesis text,
    status text not null
        constraint experiments_status_known
        check (status in ('DRAFT', 'RUNNING', 'PAUSED', 'CONCLUDED', 'ARCHIVED')),
    winner_variant_id uuid,
    salt text not null,
    hash text not null
        constraint experiments_hash_known check (hash in ('murmur3', 'fnv1a64')),
    bucket_by text not null,
    sticky boolean not null,
    client_side boolean not null,
    -- Units of 0.0001: 10000 admits everyone.
    traffic_allocation smallint not null
        constraint experiments_traffic_allocation_range check (traffic_allocation between 0 and 10000),
    targeting_rules json not null,
    rules json not null,
    metrics text[] not null,
    target_sample_size bigint
        constraint experiments_target_sample_size_positive check (target_sample_size > 0),
    significance_level double precision not null
        constraint experiments_significance_level_range
        check (significance_level > 0 and significance_level < 1),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    started_at timestamptz,
    concluded_at timestamptz,
    archived_at timestamptz,
    constraint experiments_environment_key_unique unique (environment_id, key),
    constraint experiments_environment_salt_unique unique (environment_id, salt),
    constraint experiments_concluded_has_winner
        check (status <> 'CONCLUDED' or winner_variant_id is not null)
);

create table variants (
    id uuid constraint variants_pkey primary key,
    experiment_id uuid not null
        constraint variants_experiment_id_fkey references experiments (id) on delete cascade,
    position integer not null,
    key text not null
        constraint variants_key_form check (key ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    name text not null,
    payload json not null,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint variants_experiment_key_unique unique (experiment_id, key),
    -- What allocations and winners refer to, so that neither can name another experiment's variant.
    constraint variants_experiment_id_unique unique (experiment_id, id)
);

-- Checked at commit: an experiment and its variants are deleted in one statement.
alter table experiments
    add constraint experiments_winner_fkey foreign key (id, winner_variant_id)
        references variants (experiment_id, id) deferrable initially deferred;

create table allocations (
    experiment_id uuid not null
        constraint allocations_experiment_id_fkey references experiments (id) on delete cascade,
    variant_id uuid not null,
    range_start smallint not null,
    range_end smallint not null,
    constraint allocations_pkey primary key (experiment_id, range_start),
    constraint allocations_range check (range_start between 0 and range_end and range_end <= 9999),
    constraint allocations_variant_fkey foreign key (experiment_id, variant_id)
        references variants (experiment_id, id) on delete cascade
);
