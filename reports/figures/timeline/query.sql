-- The life of each key of one device, on the device and on the server: from each event to the next. The first device of the trace, its first 12 keys.
WITH one AS (SELECT * FROM trace WHERE device = (SELECT min(device) FROM trace) AND key < 12 + (SELECT min(key) FROM trace)),
spans AS (
  SELECT *, lead(at_s) OVER (PARTITION BY side, key ORDER BY line) AS until_s FROM one)
SELECT CASE side WHEN 'device' THEN 'on device ' ELSE 'on the ' || side || ', for device ' END || device AS series, key, at_s, coalesce(until_s, (SELECT max(at_s) FROM one)) AS until_s, state, reason,
       'key ' || key || ': ' || state || ' (' || reason || ')' || printf(' from %.6g s for %.6g s', at_s, coalesce(until_s, (SELECT max(at_s) FROM one)) - at_s) AS tip
  FROM spans ORDER BY series, key, at_s
