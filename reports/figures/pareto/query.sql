-- Exposure of one leaked session key against battery life; `front` is 1 where no other point of the device has
-- less exposure and a longer life; what differs by less than a point's own interval is not less, nor longer.
WITH v AS (
  SELECT p.point, p.device, p.mechanism, p.backend, p.renew, e.mean / 86400.0 AS exposure_d, e.ci95 / 86400.0 AS exposure_ci95_d,
         l.mean AS life_d, coalesce(l.ci95, 0) AS life_ci95_d
    FROM point p
    JOIN summary e ON e.point = p.point AND e.metric = 'exposure_s' AND e.mean > 0
    JOIN summary l ON l.point = p.point AND l.metric = 'battery_life_d'
   WHERE p.status = 'ok')
SELECT a.device || ' ' || a.mechanism || ' ' || a.backend AS series, a.exposure_d, a.life_d, coalesce(a.exposure_ci95_d, 0) AS exposure_ci95_d,
       NOT EXISTS (SELECT 1 FROM v b WHERE b.device = a.device AND b.exposure_d <= a.exposure_d + coalesce(a.exposure_ci95_d, 0)
                     AND b.life_d >= a.life_d AND (b.exposure_d < a.exposure_d - coalesce(a.exposure_ci95_d, 0)
                                                   OR b.life_d > a.life_d + a.life_ci95_d)) AS front, a.renew, coalesce(d.class_seed, '?') AS class
  FROM v a LEFT JOIN device d ON d.name = a.device WHERE (SELECT count(*) FROM v) > 1 ORDER BY class, a.device, a.mechanism, a.backend, a.exposure_d
