-- Ranks counted in decimal: which share of the values gives the one of rank ⌈share · count⌉ with `percentile_disc`,
-- where 0.56 of 75 are 42 and not, as for doubles, a little more. In the middle between two ranks nothing can tip over.
create function analysis_share(share double precision, count bigint) returns double precision
    language sql immutable parallel safe
    return case
        when count > 0 then (greatest(case
            when abs(share * count - round(share * count)) <= 1e-9 * greatest(round(share * count), 1)
            then round(share * count)
            else ceil(share * count)
        end, 1) - 0.5) / count
    end;
