-- Share of renewals that take longer, at the shortest interval of a day or more, else at the longest; known at the edges of the bins of table
-- `latency`, and drawn straight within one. More than 24 panels are none.
WITH @NAMED,
shown AS (
  SELECT * FROM named WHERE interval_s IS (SELECT coalesce(min(CASE WHEN interval_s >= 86000 THEN interval_s END), max(interval_s)) FROM named)),
bin AS (
  SELECT point, low_s, high_s, renewals, 1.0 * sum(renewals) OVER (PARTITION BY point ORDER BY low_s DESC) AS rest, sum(renewals) OVER (PARTITION BY point) AS total
    FROM latency JOIN shown USING (point)),
edge AS (
  SELECT point, low_s AS longer_than_s, rest / total AS share, total FROM bin
  UNION
  SELECT point, high_s, (rest - renewals) / total, total FROM bin)
SELECT s.series || ', point ' || s.point AS series, e.longer_than_s, e.share, e.total AS renewals, s.label, s.panel, s.name
  FROM shown s JOIN edge e USING (point) WHERE (SELECT count(DISTINCT panel) FROM shown) <= 24 ORDER BY s.class, s.device, s.place, s.panel, s.name, s.point, e.longer_than_s
