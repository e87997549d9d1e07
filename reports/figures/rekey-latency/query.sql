-- Time from the decision to renew to the new key's activation: median, 95th and 99th percentile, at the shortest interval of a day or
-- more, else at the longest.
SELECT p.device AS series, coalesce((SELECT group_concat(value, ', ') FROM (SELECT @VALUE AS value FROM axis a WHERE a.point = p.point
         AND key NOT IN ('device', 'policy.renew') ORDER BY key DESC)), p.mechanism || ', ' || p.backend) AS label,
       p50.mean AS p50_s, p95.mean AS p95_s, p99.mean AS p99_s, p.mechanism,
       coalesce(p50.ci95, 0) AS p50_ci95_s, coalesce(p95.ci95, 0) AS p95_ci95_s, coalesce(p99.ci95, 0) AS p99_ci95_s
  FROM point p
  JOIN summary p50 ON p50.point = p.point AND p50.metric = 'rekey_latency_p50_s' AND p50.mean IS NOT NULL
  JOIN summary p95 ON p95.point = p.point AND p95.metric = 'rekey_latency_p95_s'
  JOIN summary p99 ON p99.point = p.point AND p99.metric = 'rekey_latency_p99_s'
 WHERE p.status = 'ok' AND p.interval_s IS (SELECT coalesce(min(CASE WHEN interval_s >= 86000 THEN interval_s END), max(interval_s)) FROM point WHERE status = 'ok')
 ORDER BY p.device, p.mechanism, label
