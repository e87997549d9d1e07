-- The places of a ranking, best last so that it is drawn on top; a family is a series. No rows for a study that ranks nothing. Of very many points
-- only the best of each family, and families are the lines.
-- Points are named by the ranked axes, families by the others; what goes with an interval, and bounds, name nothing.
WITH naming AS (
  SELECT a.point, @VALUE AS value, instr(' ' || o.value, ' ' || a.key || ' ') > 0 AS ranked
    FROM axis a, (SELECT value FROM meta WHERE key = 'rank_over') o
   WHERE a.key NOT LIKE 'constraints.%'
     AND NOT (instr(' ' || o.value, ' policy.renew ') > 0 AND a.key IN ('horizon', 'replications', 'warm_up', 'fleet.devices',
              'policy.overlap', 'policy.retry', 'policy.attempts'))),
names AS (
  SELECT point, coalesce(group_concat(iif(ranked, NULL, value), ', '), 'all') AS family, group_concat(iif(ranked, value, NULL), ', ') AS label
    FROM naming GROUP BY point),
many AS (SELECT count(*) > 200 AS many FROM ranking),
ordered AS (SELECT *, min(point) OVER (PARTITION BY family) AS first FROM ranking)
SELECT iif(many, 'best of each', coalesce(n.family, 'all')) AS series, r.mean, coalesce(r.ci95, 0) AS ci95,
       row_number() OVER (PARTITION BY iif(many, '', r.family) ORDER BY r.first DESC, r.place DESC) AS line,
       iif(many, n.family || ': ', '') || coalesce(n.label, p.label) AS label, (SELECT value FROM meta WHERE key = 'rank_metric') AS metric
  FROM many, ordered r JOIN point p USING (point) LEFT JOIN names n USING (point)
 WHERE r.mean IS NOT NULL AND r.rank > 0 AND (NOT many OR r.place = 1)
 ORDER BY iif(many, 0, r.first), line
