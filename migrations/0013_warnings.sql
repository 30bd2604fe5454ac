-- Warnings: what a published version cannot hold to, as its publisher was told.
alter table versions add column warnings json not null default '[]';
