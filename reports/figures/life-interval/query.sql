-- Battery life against the renewal interval: one series a device, mechanism and backend. "never" stands right of the longest interval.
SELECT p.device || ' ' || p.mechanism || ' ' || p.backend AS series,
       coalesce(p.interval_s, (SELECT 8 * max(interval_s) FROM point)) / 86400.0 AS interval_d,
       life.mean AS life_d, coalesce(life.ci95, 0) AS ci95_d, low.mean AS low_d, high.mean AS high_d, p.renew AS renew,
       coalesce(d.class_seed, '?') AS class
  FROM point p LEFT JOIN device d ON d.name = p.device
  JOIN summary life ON life.point = p.point AND life.metric = 'battery_life_d'
  JOIN summary low  ON low.point  = p.point AND low.metric  = 'battery_life_low_d'
  JOIN summary high ON high.point = p.point AND high.metric = 'battery_life_high_d'
 WHERE p.status = 'ok' AND (p.interval_s IS NOT NULL OR p.renew = 'never')
   AND (SELECT count(DISTINCT renew) FROM point WHERE status = 'ok') > 1
 ORDER BY class, p.device, p.mechanism, p.backend, interval_d
