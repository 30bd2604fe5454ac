-- Analysis: per experiment what its users' events add up to, kept up to date by new events alone.
-- How far the sums of an experiment have come.
create table analysis_progress (
    experiment_id uuid constraint analysis_progress_pkey primary key
        constraint analysis_progress_experiment_id_fkey references experiments (id) on delete cascade,
    -- Everything up to this batch of events is in the sums, and nothing after it.
    batch bigint not null,
    -- Events up to this batch are in analysis_counts, which are never made anew.
    counted bigint not null,
    at timestamptz not null,
    -- Of the metric definitions that the sums were made with: other definitions, sums made anew.
    layout text not null,
    first_exposed_at timestamptz,
    excluded bigint not null default 0,
    -- What a second pass found at `batch`, as JSON; null until somebody asks.
    second_pass json
);

-- Who was exposed, to what, since when, and what their events come to so far.
create table analysis_units (
    experiment_id uuid not null
        constraint analysis_units_experiment_id_fkey references experiments (id) on delete cascade,
    user_key bytea not null,
    variant_id uuid not null,
    first_at timestamptz not null,
    -- Seen in two variants: counted, and part of no sum.
    is_multiple boolean not null,
    -- Three numbers per metric of the layout: above the line, below the line, before exposure.
    totals double precision[],
    constraint analysis_units_pkey primary key (experiment_id, user_key)
) with (fillfactor = 85);

-- The sums, per variant.
create table analysis_arms (
    experiment_id uuid not null
        constraint analysis_arms_experiment_id_fkey references experiments (id) on delete cascade,
    variant_id uuid not null,
    exposed bigint not null,
    -- Nine numbers per metric of the layout.
    sums double precision[] not null,
    constraint analysis_arms_pkey primary key (experiment_id, variant_id),
    constraint analysis_arms_variant_fkey foreign key (experiment_id, variant_id)
        references variants (experiment_id, id) on delete cascade
);

-- What sequential tests remember from look to look; one row per look that changed it.
create table analysis_looks (
    experiment_id uuid not null
        constraint analysis_looks_experiment_id_fkey references experiments (id) on delete cascade,
    at timestamptz not null,
    batch bigint not null,
    memory json not null,
    significant integer not null,
    constraint analysis_looks_pkey primary key (experiment_id, at)
);

-- Which share of the buckets each variant had, from when on.
create table analysis_phases (
    experiment_id uuid not null
        constraint analysis_phases_experiment_id_fkey references experiments (id) on delete cascade,
    started_at timestamptz not null,
    -- Variant id to number of buckets.
    weights jsonb not null,
    constraint analysis_phases_pkey primary key (experiment_id, started_at)
);

-- For Prometheus: only ever grows.
create table analysis_counts (
    experiment_id uuid not null
        constraint analysis_counts_experiment_id_fkey references experiments (id) on delete cascade,
    variant_id uuid not null,
    -- Empty: exposures.
    event_name text not null,
    count bigint not null,
    constraint analysis_counts_pkey primary key (experiment_id, variant_id, event_name)
);

-- A text as a number, where it is one that a double holds.
create function analysis_number(given text) returns double precision
    language sql immutable parallel safe
    return case
        when given ~ '^-?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,2})?$'
        then given::double precision
    end;

-- What an event's property adds to a total: nothing when it is no number or beyond 1e15.
create function analysis_amount(given text) returns double precision
    language sql immutable parallel safe
    return case when abs(analysis_number(given)) <= 1e15 then analysis_number(given) end;

-- A newly exposed user's earlier events.
create index events_user on events (user_key);
create index exposures_user on exposures (user_key);
