-- Revisions: by which a process can tell, with one read, that nothing has changed that decisions depend on.
create table revisions (
    environment_id uuid constraint revisions_pkey primary key
        constraint revisions_environment_id_fkey references environments (id) on delete cascade,
    -- The last transaction that changed something: for comparing, not for counting.
    revision bigint not null
);

-- Marks an environment as changed, and tells who listens. To be called by deferred triggers only: the row
-- is then locked at the very end of a transaction, where no other lock can follow.
create function mark_changed(changed uuid) returns void language plpgsql as $$
begin
    insert into revisions (environment_id, revision)
        select id, pg_current_xact_id()::text::bigint from environments where id = changed
        on conflict on constraint revisions_pkey do update set revision = excluded.revision
        where revisions.revision <> excluded.revision;
    perform pg_notify('lotwise_changes', changed::text);
end
$$;

-- For tables with an `environment_id`.
create function mark_environment_changed() returns trigger language plpgsql as $$
begin
    perform mark_changed(case tg_op when 'DELETE' then old.environment_id else new.environment_id end);
    return null;
end
$$;

-- Variants and allocations are written together with their experiment's row.
create constraint trigger experiments_changed after insert or update or delete on experiments
    deferrable initially deferred for each row execute function mark_environment_changed();

insert into revisions (environment_id, revision)
    select id, pg_current_xact_id()::text::bigint from environments;
