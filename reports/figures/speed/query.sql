-- Engines of a workload against its base, in ratios of runs of one round: median, least and most.
SELECT work || ', ' || printf('%,d', n) || ', against ' || ratio_to AS series, engine, ratio, ratio_min, ratio_max,
       row_number() OVER (PARTITION BY work, n ORDER BY ratio) AS line,
       printf('%s: %.3g [%.3g to %.3g] times %s, %.3g million events/s', engine, ratio, ratio_min, ratio_max, ratio_to, events_per_s / 1e6) AS tip, events_per_s, bytes_per_event
  FROM speed WHERE ratio IS NOT NULL ORDER BY work, n, line
