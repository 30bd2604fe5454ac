-- Versions: the audit trail of what each environment published, with the bytes of both documents.
create table versions (
    id uuid constraint versions_pkey primary key,
    environment_id uuid not null
        constraint versions_environment_id_fkey references environments (id),
    version bigint not null
        constraint versions_version_positive check (version > 0),
    state text not null
        constraint versions_state_known check (state in ('pending', 'published', 'failed')),
    author text not null,
    note text,
    -- Of the content alone, without version and time: what tells a publish that changes nothing.
    content_sha256 text not null,
    document bytea not null,
    sha256 text not null,
    client_document bytea not null,
    client_sha256 text not null,
    -- Experiment key to digest, and what changed against the version before.
    experiments json not null,
    changes json not null,
    failure text,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint versions_environment_version_unique unique (environment_id, version),
    constraint versions_finished check ((state = 'pending') = (finished_at is null))
);
