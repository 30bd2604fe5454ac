-- Plans: what the results of an experiment depended on besides its events, since when, for results at a past time.
create table analysis_plans (
    experiment_id uuid not null
        constraint analysis_plans_experiment_id_fkey references experiments (id) on delete cascade,
    since timestamptz not null,
    -- The experiment's part and all of its metrics, whatever becomes of them.
    plan json not null,
    constraint analysis_plans_pkey primary key (experiment_id, since)
);

-- What holds today also stands for the time before it: what held then is not known.
insert into analysis_plans (experiment_id, since, plan)
select e.id, now(), json_build_object(
    'status', e.status,
    'hypothesis', e.hypothesis,
    'significanceLevel', e.significance_level,
    'targetSampleSize', e.target_sample_size,
    'minimumDays', e.minimum_days,
    'primaryMetric', coalesce(
        e.primary_metric,
        case when 'conversion' = any (e.metrics) and 'conversion' <> all (e.guardrail_metrics)
            then 'conversion' end,
        (select named.key from unnest(e.metrics) with ordinality as named (key, position)
            where named.key <> all (e.guardrail_metrics) order by named.position limit 1)),
    'guardrailMetrics', e.guardrail_metrics,
    'variants', coalesce(
        (select json_agg(json_build_object(
                'id', v.id,
                'key', v.key,
                'buckets', (select coalesce(sum(a.range_end - a.range_start + 1), 0)
                    from allocations as a where a.variant_id = v.id)) order by v.position)
            from variants as v where v.experiment_id = e.id),
        '[]'),
    'metrics', coalesce(
        (select json_agg(json_build_object(
                'key', m.key,
                'name', m.name,
                'definition', json_build_object(
                    'kind', m.kind,
                    'eventName', m.event_name,
                    'valueProperty', m.value_property,
                    'denominatorEvent', m.denominator_event,
                    'denominatorProperty', m.denominator_property,
                    'quantile', m.quantile,
                    'filters', m.filters,
                    'windowStartSeconds', m.window_start_seconds,
                    'windowEndSeconds', m.window_end_seconds,
                    'winsorLower', m.winsor_lower,
                    'winsorUpper', m.winsor_upper,
                    'prePeriodSeconds', m.pre_period_seconds),
                'direction', m.direction,
                'minimumEffect', m.minimum_effect,
                'guardrailMargin', m.guardrail_margin) order by array_position(e.metrics, m.key))
            from metrics as m where m.environment_id = e.environment_id and m.key = any (e.metrics)),
        '[]'))
from experiments as e;
