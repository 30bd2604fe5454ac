-- Events: exposures and what subjects did, partitioned by the week of their receipt, each taken once by its id.

-- Numbers that order what was written. A transaction that appends holds a shared advisory lock before it draws
-- one, so that whoever waits for the lock's holders knows that no lower number is still to come.
create sequence event_batches as bigint;

create table exposures (
    -- By the clock of this database.
    received_at timestamptz not null,
    batch bigint not null,
    id uuid not null,
    environment_id uuid not null,
    experiment_id uuid not null,
    variant_id uuid not null,
    -- UTF-8. Keys may hold NUL, which text does not.
    user_key bytea not null,
    reason text not null
        constraint exposures_reason_known check (reason in ('SPLIT', 'STICKY', 'RULE', 'OVERRIDE')),
    -- Overrides and deliveries by rules enter neither analysis nor SRM nor multiple-exposure counts.
    counts boolean not null,
    is_override boolean not null,
    -- Sent with a secret key or a token.
    is_verified boolean not null,
    -- Its time lay in the future, and became that of receipt.
    is_clamped boolean not null,
    -- 0 no key, 1 publishable key, 2 secret key or token, 3 assign, 4 track.
    source smallint not null,
    config_version bigint,
    snapshot_sha256 bytea,
    context json,
    sticky json,
    properties json,
    occurred_at timestamptz not null,
    request_id text
) partition by range (received_at);

create index exposures_batch on exposures (batch);

create table events (
    received_at timestamptz not null,
    batch bigint not null,
    id uuid not null,
    environment_id uuid not null,
    -- None: for every experiment.
    experiment_id uuid,
    user_key bytea not null,
    event_name text not null,
    value double precision
        constraint events_value_range check (value between -1e15 and 1e15),
    is_verified boolean not null,
    is_clamped boolean not null,
    source smallint not null,
    properties json,
    occurred_at timestamptz not null,
    request_id text
) partition by range (received_at);

create index events_batch on events (batch);

-- Ids that were taken, in generations of a day: of each of them the table takes an id once, and the transaction
-- that begins a generation waits until all that write into the one before are done.
create table event_ids (
    id uuid not null,
    generation integer not null,
    constraint event_ids_pkey primary key (id, generation)
) partition by list (generation);

create table event_generations (
    generation integer constraint event_generations_pkey primary key,
    started_at timestamptz not null
);

-- Up to where everything is committed and checked.
create table event_watermarks (
    batch bigint constraint event_watermarks_pkey primary key,
    at timestamptz not null
        constraint event_watermarks_at_unique unique
);

-- Exposures that deciding again did not confirm.
create table exposure_quarantine (
    id uuid constraint exposure_quarantine_pkey primary key,
    batch bigint not null,
    experiment_id uuid not null,
    variant_id uuid not null,
    reason text not null,
    expected_variant text,
    expected_reason text,
    found_at timestamptz not null
);

create index exposure_quarantine_experiment on exposure_quarantine (experiment_id, batch);

-- What was found out about the exposures up to the watermark.
create table exposure_checks (
    experiment_id uuid not null,
    variant_id uuid not null,
    exposures bigint not null,
    counted bigint not null,
    unverified bigint not null,
    clamped bigint not null,
    checked bigint not null,
    unnamed bigint not null,
    constraint exposure_checks_pkey primary key (experiment_id, variant_id)
);

-- An attribute of a JSON object as text. Where an escaped NUL keeps Postgres from taking one out, there is none.
create function event_attribute(object json, name text) returns text
    language sql immutable parallel safe
    return case when position('\u0000' in object::text) > 0 then null else object ->> name end;

-- The name of the partition of a table that takes what is received then.
create function event_partition(parent text, at timestamptz) returns text
    language sql immutable parallel safe
    return parent || '_p' || to_char(date_trunc('week', at, 'UTC') at time zone 'UTC', 'YYYYMMDD');

-- Makes the partitions for what is received between the two, as far as they are missing. Attaching one does not
-- keep others from writing, as making it in place would.
create function create_event_partitions(since timestamptz, until timestamptz) returns void
    language plpgsql as $$
declare
    parent text;
    week timestamptz;
    name text;
begin
    perform pg_advisory_xact_lock(6003, 1);
    week := date_trunc('week', since, 'UTC');
    while week <= until loop
        foreach parent in array array['exposures', 'events'] loop
            name := event_partition(parent, week);
            if to_regclass(name) is null then
                execute format('create table %I (like %I including defaults including constraints)', name, parent);
                execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, name,
                    week, week + interval '7 days');
            end if;
        end loop;
        week := week + interval '7 days';
    end loop;
end
$$;

-- Makes the generation of ids that the next writers use.
create function begin_event_generation(number integer) returns void
    language plpgsql as $$
begin
    execute format('create table %I partition of event_ids for values in (%s)', 'event_ids_g' || number, number);
    insert into event_generations (generation, started_at) values (number, clock_timestamp());
end
$$;

select create_event_partitions(now(), now() + interval '14 days');
select begin_event_generation(1);
