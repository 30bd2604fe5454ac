-- Comparisons: which version a version was compared with before it was recorded, to say who moves.
alter table versions add column compared_with bigint
    constraint versions_compared_with_earlier check (compared_with < version);
