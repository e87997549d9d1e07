-- Battery life against the renewal interval: one series a device, mechanism and backend, and whatever else differs, which makes a panel of its own.
-- "never" stands right of the longest interval. More than 24 panels are none.
WITH @NAMED
SELECT n.series,
       coalesce(n.interval_s, (SELECT 8 * max(interval_s) FROM point)) / 86400.0 AS interval_d,
       life.mean AS life_d, coalesce(life.ci95, 0) AS ci95_d, low.mean AS low_d, high.mean AS high_d, n.renew AS renew, n.panel AS panel, n.name AS name
  FROM named n
  JOIN summary life ON life.point = n.point AND life.metric = 'battery_life_d'
  JOIN summary low  ON low.point  = n.point AND low.metric  = 'battery_life_low_d'
  JOIN summary high ON high.point = n.point AND high.metric = 'battery_life_high_d'
 WHERE (n.interval_s IS NOT NULL OR n.renew = 'never')
   AND (SELECT count(DISTINCT renew) FROM named) > 1 AND (SELECT count(DISTINCT panel) FROM named) <= 24
 ORDER BY n.class, n.device, n.place, n.panel, n.name, interval_d
