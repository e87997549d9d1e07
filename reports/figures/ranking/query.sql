-- The places of a ranking, best last so that it is drawn on top; a family is a series. No rows for a study that ranks nothing.
-- Points are named by the ranked axes, families by the others; what goes with an interval, and bounds, name nothing.
WITH naming AS (
  SELECT a.point, a.value, instr(' ' || o.value, ' ' || a.key || ' ') > 0 AS ranked
    FROM axis a, (SELECT value FROM meta WHERE key = 'rank_over') o
   WHERE a.key NOT LIKE 'constraints.%'
     AND NOT (instr(' ' || o.value, ' policy.renew ') > 0 AND a.key IN ('horizon', 'replications', 'warm_up', 'fleet.devices',
              'policy.overlap', 'policy.retry', 'policy.attempts')))
SELECT coalesce((SELECT group_concat(value, ' ') FROM naming n WHERE n.point = r.point AND NOT ranked), 'all') AS series,
       r.mean, coalesce(r.ci95, 0) AS ci95, row_number() OVER (ORDER BY family DESC, place DESC) AS line,
       coalesce((SELECT group_concat(value, ' ') FROM naming n WHERE n.point = r.point AND ranked), p.label) AS label,
       (SELECT value FROM meta WHERE key = 'rank_metric') AS metric
  FROM ranking r JOIN point p USING (point) WHERE r.mean IS NOT NULL AND r.rank > 0
 ORDER BY family DESC, place DESC
