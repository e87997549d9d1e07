-- Exposure of one leaked session key against battery life; `front` is 1 where no other point of the device, all else the same, has
-- less exposure and a longer life; what differs by less than a point's own interval is not less, nor longer. More than 24 panels are none.
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
    FROM point p LEFT JOIN device d ON d.name = p.device LEFT JOIN others o ON o.point = p.point WHERE p.status = 'ok'),
v AS (
  SELECT n.*, e.mean / 86400.0 AS exposure_d, coalesce(e.ci95, 0) / 86400.0 AS exposure_ci95_d, l.mean AS life_d, coalesce(l.ci95, 0) AS life_ci95_d
    FROM named n
    JOIN summary e ON e.point = n.point AND e.metric = 'exposure_s' AND e.mean > 0
    JOIN summary l ON l.point = n.point AND l.metric = 'battery_life_d')
SELECT a.series, a.exposure_d, a.life_d, a.exposure_ci95_d,
       NOT EXISTS (SELECT 1 FROM v b WHERE b.panel = a.panel AND b.exposure_d <= a.exposure_d + a.exposure_ci95_d AND b.life_d >= a.life_d
                     AND (b.exposure_d < a.exposure_d - a.exposure_ci95_d OR b.life_d > a.life_d + a.life_ci95_d)) AS front,
       a.renew, a.panel AS panel, a.name AS name
  FROM v a WHERE (SELECT count(*) FROM v) > 1 AND (SELECT count(DISTINCT panel) FROM v) <= 24 ORDER BY a.class, a.device, a.panel, a.name, a.exposure_d
