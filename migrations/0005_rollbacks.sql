-- Rollbacks: which earlier version a version brought back.
alter table versions add column rolled_back_to bigint
    constraint versions_rolled_back_to_earlier check (rolled_back_to < version);
