-- Jobs: what must happen outside Postgres, enqueued in the transaction that decides it.
create table jobs (
    id bigint generated always as identity constraint jobs_pkey primary key,
    kind text not null,
    -- Jobs of one lane run one after the other, in the order of their ids.
    lane text not null,
    payload json not null,
    attempts integer not null default 0,
    run_at timestamptz not null default now(),
    leased_by uuid,
    leased_until timestamptz,
    last_error text,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint jobs_lease check ((leased_by is null) = (leased_until is null))
);

create index jobs_unfinished on jobs (lane, id) where finished_at is null;
