-- Totals and sums as decimals, which come to the same in whatever order they are added. Sums are made anew.
-- The columns with doubles are for programs from before; a later migration drops them.
alter table analysis_units add column exact_totals numeric[];

alter table analysis_arms add column exact_sums numeric[] not null default '{}';
