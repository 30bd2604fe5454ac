-- The history: who changed what and when, written in the transaction of the change.
create table audit (
    id uuid constraint audit_pkey primary key,
    at timestamptz not null,
    actor text not null,
    token_id uuid,
    request_id text,
    -- None of these refers to its row: the history outlives what it tells about.
    environment_id uuid,
    experiment_id uuid,
    resource text not null,
    resource_id uuid,
    resource_key text not null,
    action text not null,
    before json,
    after json
);

create index audit_experiment on audit (experiment_id, id);
create index audit_environment on audit (environment_id, id);
