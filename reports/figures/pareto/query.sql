-- Exposure of one leaked session key against battery life; `front` is 1 where no other point of the device, all else the same, has
-- less exposure and a longer life; what differs by less than a point's own interval is not less, nor longer. More than 24 panels are none.
WITH @NAMED,
v AS (
  SELECT n.*, e.mean / 86400.0 AS exposure_d, coalesce(e.ci95, 0) / 86400.0 AS exposure_ci95_d, l.mean AS life_d, coalesce(l.ci95, 0) AS life_ci95_d
    FROM named n
    JOIN summary e ON e.point = n.point AND e.metric = 'exposure_s' AND e.mean > 0
    JOIN summary l ON l.point = n.point AND l.metric = 'battery_life_d')
SELECT a.series, a.exposure_d, a.life_d, a.exposure_ci95_d,
       NOT EXISTS (SELECT 1 FROM v b WHERE b.panel = a.panel AND b.exposure_d <= a.exposure_d + a.exposure_ci95_d AND b.life_d >= a.life_d
                     AND (b.exposure_d < a.exposure_d - a.exposure_ci95_d OR b.life_d > a.life_d + a.life_ci95_d)) AS front,
       a.renew, a.panel AS panel, a.name AS name
  FROM v a WHERE (SELECT count(*) FROM v) > 1 AND (SELECT count(DISTINCT panel) FROM v) <= 24 ORDER BY a.class, a.device, a.place, a.panel, a.name, a.exposure_d
