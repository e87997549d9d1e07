-- Where secrets were left, by operation or event (rows) and library and memory (columns). Series: the devices that the study has, too.
WITH looked AS (SELECT * FROM search WHERE status = 'ok' AND device IN (SELECT device FROM point)),
left_there AS (
  SELECT s.search, s.device, s.backend, s.version, s.op || CASE s.after WHEN 'return' THEN '' ELSE ', after ' || s.after END AS step, r.place,
         sum(r.bytes) AS bytes, sum(r.owner = 'ours') AS ours, sum(r.byte_seconds IS NULL) AS forever, sum(r.byte_seconds) AS byte_seconds,
         group_concat(DISTINCT r.what || CASE r.symbol WHEN '' THEN '' ELSE ' by ' || r.symbol END) AS found
    FROM looked s JOIN residue r ON r.search = s.search GROUP BY s.search, r.place),
columns AS (SELECT DISTINCT device, backend, version, place FROM left_there),
rows AS (SELECT DISTINCT device, step FROM left_there),
every AS (
  SELECT c.device, r.step, c.backend, c.version, c.place,
         EXISTS (SELECT 1 FROM looked l WHERE l.device = c.device AND l.backend = c.backend AND l.version = c.version
                    AND l.op || CASE l.after WHEN 'return' THEN '' ELSE ', after ' || l.after END = r.step) AS searched
    FROM columns c JOIN rows r ON r.device = c.device)
SELECT e.device || printf(': %d of %d searches found something', (SELECT count(DISTINCT search) FROM left_there t WHERE t.device = e.device),
                          (SELECT count(*) FROM looked l WHERE l.device = e.device)) AS series,
       e.step, e.backend || ' ' || e.place AS place,
       dense_rank() OVER (PARTITION BY e.device ORDER BY e.step LIKE 'lifecycle%', e.step) AS y,
       dense_rank() OVER (PARTITION BY e.device ORDER BY e.backend, e.version, e.place) AS x,
       CASE WHEN NOT searched THEN NULL WHEN sum(ours) > 0 THEN 2 WHEN sum(bytes) IS NULL THEN 0 ELSE min(0.15 + ln(sum(bytes)) / 9, 1) END AS shade,
       CASE WHEN NOT searched THEN '-' ELSE coalesce(sum(bytes) || ' B', '0') END AS bytes,
       CASE WHEN sum(forever) > 0 THEN 'for ever' WHEN sum(byte_seconds) > 0 THEN printf('%.0f B s', sum(byte_seconds)) ELSE '' END AS dwell,
       e.device || ', ' || e.backend || ' ' || e.version || ', ' || e.step || ', ' || e.place || ': ' ||
         CASE WHEN NOT searched THEN 'not searched' WHEN sum(bytes) IS NULL THEN 'nothing' ELSE sum(bytes) || ' bytes, ' || max(found) END AS tip
  FROM every e LEFT JOIN left_there t ON t.device = e.device AND t.backend = e.backend AND t.version = e.version AND t.step = e.step AND t.place = e.place
 GROUP BY e.device, e.step, e.backend, e.version, e.place ORDER BY series, y, x
