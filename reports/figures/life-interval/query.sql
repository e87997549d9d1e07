-- Battery life against the renewal interval: one series a device, mechanism and backend, and whatever else differs, which makes a panel of its own.
-- "never" stands right of the longest interval. More than 24 panels are none.
WITH rank(key, rank) AS (VALUES ('device', 0), ('platform', 1), ('service', 2)),
told AS ( -- keys that another one of `rank` tells already
  SELECT key FROM (SELECT k.key AS key, s.key AS by, s.value, count(DISTINCT k.value) AS n
                     FROM axis k JOIN axis s USING (point) JOIN rank ON rank.key = s.key LEFT JOIN rank own ON own.key = k.key
                    WHERE rank.rank < coalesce(own.rank, 9) GROUP BY k.key, s.key, s.value) GROUP BY key, by HAVING max(n) = 1),
others AS (
  SELECT a.point, group_concat(a.value, ', ') AS others FROM (SELECT * FROM axis ORDER BY key) a
   WHERE a.key NOT IN ('device', 'backend', 'policy.mechanism', 'policy.renew', 'horizon', 'replications', 'warm_up', 'fleet.devices', 'policy.overlap', 'policy.retry',
                       'policy.attempts') AND a.key NOT LIKE 'constraints.%' AND a.key NOT IN (SELECT key FROM told)
     AND (SELECT count(DISTINCT value) FROM axis b WHERE b.key = a.key) > 1 GROUP BY a.point),
named AS (
  SELECT p.*, coalesce(d.class_seed, '?') AS class, p.device || ' (' || coalesce(d.class_seed, '?') || ')' || coalesce(', ' || o.others, '') AS panel,
         p.mechanism || ' ' || p.backend AS name,
         p.device || ' ' || p.mechanism || ' ' || p.backend || coalesce(', ' || o.others, '') AS series
    FROM point p LEFT JOIN device d ON d.name = p.device LEFT JOIN others o ON o.point = p.point WHERE p.status = 'ok')
SELECT n.series,
       coalesce(n.interval_s, (SELECT 8 * max(interval_s) FROM point)) / 86400.0 AS interval_d,
       life.mean AS life_d, coalesce(life.ci95, 0) AS ci95_d, low.mean AS low_d, high.mean AS high_d, n.renew AS renew, n.panel AS panel, n.name AS name
  FROM named n
  JOIN summary life ON life.point = n.point AND life.metric = 'battery_life_d'
  JOIN summary low  ON low.point  = n.point AND low.metric  = 'battery_life_low_d'
  JOIN summary high ON high.point = n.point AND high.metric = 'battery_life_high_d'
 WHERE (n.interval_s IS NOT NULL OR n.renew = 'never')
   AND (SELECT count(DISTINCT renew) FROM named) > 1 AND (SELECT count(DISTINCT panel) FROM named) <= 24
 ORDER BY n.class, n.device, n.panel, n.name, interval_d
