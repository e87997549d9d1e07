-- The places of a ranking, best last so that it is drawn on top; a family is a series. No rows for a study that ranks nothing.
SELECT CASE family WHEN '' THEN 'all' ELSE family END AS series, r.mean, coalesce(r.ci95, 0) AS ci95,
       row_number() OVER (ORDER BY family DESC, place DESC) AS line,
       coalesce((SELECT group_concat(value, ' ') FROM axis a WHERE a.point = r.point
                   AND instr(' ' || (SELECT value FROM meta WHERE key = 'rank_over'), ' ' || a.key || ' ') > 0), p.label) AS label,
       (SELECT value FROM meta WHERE key = 'rank_metric') AS metric
  FROM ranking r JOIN point p USING (point) WHERE r.mean IS NOT NULL AND r.rank > 0
 ORDER BY family DESC, place DESC
