-- Exposure of one leak against the renewal interval: means over all points of the interval. Session-key leaks do not depend on the
-- mechanism; what a captured device memory opens does. Beside them the closed form W(T).
SELECT series, interval_d, avg(value_d) AS exposure_d, avg(ci95_d) AS ci95_d FROM (
  SELECT 'session key leaked, simulated' AS series, 1 AS rank, p.interval_s / 86400.0 AS interval_d, e.mean / 86400.0 AS value_d,
         coalesce(e.ci95, 0) / 86400.0 AS ci95_d
    FROM point p JOIN summary e ON e.point = p.point AND e.metric = 'exposure_s' WHERE p.status = 'ok' AND e.mean > 0
  UNION ALL
  SELECT 'device captured, ' || p.mechanism || ' (' || p.association || ')', 2, p.interval_s / 86400.0, e.mean / 86400.0,
         coalesce(e.ci95, 0) / 86400.0
    FROM point p JOIN summary e ON e.point = p.point AND e.metric = 'exposure_capture_s' WHERE p.status = 'ok' AND e.mean > 0
  UNION ALL
  SELECT 'session key leaked, closed form W(T)', 0, p.interval_s / 86400.0, p.exposure_closed_form_s / 86400.0, 0
    FROM point p WHERE p.status = 'ok' AND p.exposure_closed_form_s > 0
     AND EXISTS (SELECT 1 FROM summary WHERE metric IN ('exposure_s', 'exposure_capture_s') AND mean > 0))
 WHERE interval_d IS NOT NULL AND (SELECT count(DISTINCT interval_s) FROM point WHERE status = 'ok') > 1 GROUP BY rank, series, interval_d
 ORDER BY rank, series, interval_d
