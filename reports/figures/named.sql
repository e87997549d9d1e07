-- Points that run, with the panel that shows them and their name there: device and whatever else differs (of link.loss "loss 5 %"), mechanism
-- and backend. Panels are in the order of the points.
rank(key, rank) AS (VALUES ('device', 0), ('platform', 1), ('service', 2)),
told AS ( -- keys that another one of `rank` tells already
  SELECT key FROM (SELECT k.key AS key, s.key AS by, s.value, count(DISTINCT k.value) AS n
                     FROM axis k JOIN axis s USING (point) JOIN rank ON rank.key = s.key LEFT JOIN rank own ON own.key = k.key
                    WHERE rank.rank < coalesce(own.rank, 9) GROUP BY k.key, s.key, s.value) GROUP BY key, by HAVING max(n) = 1),
others AS (
  SELECT a.point, group_concat(@VALUE, ', ') AS others
    FROM (SELECT * FROM axis ORDER BY key) a
   WHERE a.key NOT IN ('device', 'backend', 'policy.mechanism', 'policy.renew', 'horizon', 'replications', 'warm_up', 'fleet.devices', 'policy.overlap', 'policy.retry',
                       'policy.attempts') AND a.key NOT LIKE 'constraints.%' AND a.key NOT IN (SELECT key FROM told)
     AND (SELECT count(DISTINCT value) FROM axis b WHERE b.key = a.key) > 1 GROUP BY a.point),
named AS (
  SELECT p.*, coalesce(d.class_seed, '?') AS class, min(p.point) OVER (PARTITION BY p.device, o.others) AS place,
         p.device || ' (' || coalesce(d.class_seed, '?') || ')' || coalesce(', ' || o.others, '') AS panel,
         p.mechanism || ' ' || p.backend AS name,
         p.device || ' ' || p.mechanism || ' ' || p.backend || coalesce(', ' || o.others, '') AS series
    FROM point p LEFT JOIN device d ON d.name = p.device LEFT JOIN others o ON o.point = p.point WHERE p.status = 'ok')
