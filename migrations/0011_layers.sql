-- Layers: groups, whose members exclude each other, and holdouts, whose users see nothing.
create table groups (
    id uuid constraint groups_pkey primary key,
    environment_id uuid not null
        constraint groups_environment_id_fkey references environments (id),
    -- Puts the buckets of all groups on one line, for the constraint that keeps slices apart.
    number bigint generated always as identity,
    key text not null
        constraint groups_key_form check (key ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    name text not null,
    description text,
    mode text not null
        constraint groups_mode_known check (mode in ('slices', 'first')),
    salt text not null,
    bucket_by text not null,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint groups_environment_key_unique unique (environment_id, key),
    constraint groups_environment_salt_unique unique (environment_id, salt),
    constraint groups_number_unique unique (id, number)
);

create table group_members (
    experiment_id uuid constraint group_members_pkey primary key
        constraint group_members_experiment_id_fkey references experiments (id) on delete cascade,
    group_id uuid not null
        constraint group_members_group_id_fkey references groups (id),
    constraint group_members_both_unique unique (experiment_id, group_id)
);

create index group_members_group on group_members (group_id);

create table slices (
    experiment_id uuid not null,
    group_id uuid not null,
    group_number bigint not null,
    range_start smallint not null,
    range_end smallint not null,
    constraint slices_pkey primary key (experiment_id, range_start),
    constraint slices_range check (range_start between 0 and range_end and range_end <= 9999),
    constraint slices_member_fkey foreign key (experiment_id, group_id)
        references group_members (experiment_id, group_id) on delete cascade,
    constraint slices_group_fkey foreign key (group_id, group_number) references groups (id, number),
    -- Whatever claims at once: no bucket of a group has two holders.
    constraint slices_exclusive exclude using gist (int8range(
        group_number * 10000 + range_start, group_number * 10000 + range_end, '[]') with &&)
);

create table holdouts (
    id uuid constraint holdouts_pkey primary key,
    environment_id uuid not null
        constraint holdouts_environment_id_fkey references environments (id),
    key text not null
        constraint holdouts_key_form check (key ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    name text not null,
    description text,
    salt text not null,
    bucket_by text not null,
    ranges json not null,
    -- Every experiment of the environment, those to come too; else those listed.
    covers_all boolean not null,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint holdouts_environment_key_unique unique (environment_id, key),
    constraint holdouts_environment_salt_unique unique (environment_id, salt)
);

create table holdout_experiments (
    holdout_id uuid not null
        constraint holdout_experiments_holdout_id_fkey references holdouts (id) on delete cascade,
    experiment_id uuid not null
        constraint holdout_experiments_experiment_id_fkey references experiments (id) on delete cascade,
    constraint holdout_experiments_pkey primary key (holdout_id, experiment_id)
);

create index holdout_experiments_experiment on holdout_experiments (experiment_id);
