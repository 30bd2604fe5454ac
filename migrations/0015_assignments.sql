-- Assignments: who was given what and stays in it, and the documents that were decided on.
create table assign_documents (
    -- Of `document`: equal content is kept once.
    sha256 bytea constraint assign_documents_pkey primary key
        constraint assign_documents_sha256_length check (octet_length(sha256) = 32),
    environment_id uuid not null
        constraint assign_documents_environment_id_fkey references environments (id) on delete cascade,
    document bytea not null,
    created_at timestamptz not null default now()
);

create table assignments (
    experiment_id uuid not null
        constraint assignments_experiment_id_fkey references experiments (id) on delete cascade,
    -- Bytes: a user key may hold NUL, which text cannot.
    user_key bytea not null
        constraint assignments_user_key_length check (octet_length(user_key) between 1 and 512),
    variant_id uuid not null,
    variant_key text not null,
    -- The document that the user was first decided on.
    document_sha256 bytea not null,
    created_at timestamptz not null default now(),
    constraint assignments_pkey primary key (experiment_id, user_key),
    -- A variant that somebody is in cannot be removed. Checked at commit: an experiment is deleted with
    -- its variants and its assignments in one statement.
    constraint assignments_variant_fkey foreign key (experiment_id, variant_id)
        references variants (experiment_id, id) deferrable initially deferred
);
