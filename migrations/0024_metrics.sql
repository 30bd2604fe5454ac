-- Metrics: what experiments are judged by; experiments name them by key, one as primary, some as guardrails.
create table metrics (
    id uuid constraint metrics_pkey primary key,
    environment_id uuid not null
        constraint metrics_environment_id_fkey references environments (id),
    key text not null
        constraint metrics_key_form check (key ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    name text not null,
    description text,
    kind text not null
        constraint metrics_kind_known
        check (kind in ('conversion', 'count', 'sum', 'ratio', 'quantile', 'retention')),
    event_name text not null,
    -- What is added up of an event: `value` for the event's own, else a property; null: events are counted.
    value_property text,
    denominator_event text,
    denominator_property text,
    quantile double precision
        constraint metrics_quantile_range check (quantile > 0 and quantile < 1),
    filters json not null,
    -- Events count from first exposure plus start until first exposure plus end; no end: for good.
    window_start_seconds bigint not null
        constraint metrics_window_start_range check (window_start_seconds >= 0),
    window_end_seconds bigint,
    winsor_lower double precision
        constraint metrics_winsor_lower_range check (winsor_lower > 0 and winsor_lower < 1),
    winsor_upper double precision
        constraint metrics_winsor_upper_range check (winsor_upper > 0 and winsor_upper < 1),
    direction text not null
        constraint metrics_direction_known check (direction in ('increase', 'decrease')),
    minimum_effect double precision
        constraint metrics_minimum_effect_positive check (minimum_effect > 0),
    guardrail_margin double precision
        constraint metrics_guardrail_margin_positive check (guardrail_margin > 0),
    -- The pre-period that CUPED takes its covariate from; null: none.
    pre_period_seconds bigint
        constraint metrics_pre_period_positive check (pre_period_seconds > 0),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint metrics_environment_key_unique unique (environment_id, key),
    constraint metrics_window_order check (window_end_seconds > window_start_seconds),
    constraint metrics_winsor_order check (winsor_lower < winsor_upper),
    constraint metrics_ratio_has_denominator check ((kind = 'ratio') = (denominator_event is not null)),
    constraint metrics_quantile_has_level check ((kind = 'quantile') = (quantile is not null))
);

-- Metric keys that experiments named before metrics had rows.
insert into metrics (id, environment_id, key, name, kind, event_name, filters, window_start_seconds, direction)
select gen_random_uuid(), environment_id, key, key, 'conversion', key, '[]', 0, 'increase'
from (select distinct environment_id, unnest(metrics) as key from experiments) as named
where key ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$';

alter table experiments
    add column primary_metric text,
    add column guardrail_metrics text[] not null default '{}',
    add column minimum_days integer not null default 7
        constraint experiments_minimum_days_range check (minimum_days between 0 and 365);

create index experiments_metrics on experiments using gin (metrics);
