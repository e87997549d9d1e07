-- Published figures of real boards against ours, one series a core. Cycles and bytes share the axes: each point is a ratio.
SELECT core AS series, published, ours, low, high, 100 * error AS error_percent, kind, metric,
       platform || ', ' || library || ', ' || primitive || ' ' || parameters || ', ' || metric || printf(': %.0f published, %.0f ours, %+.1f %%, %s', published, ours, 100 * error, kind) AS tip,
       source
  FROM validation WHERE status = 'ok' AND published > 0 AND ours > 0 ORDER BY core, kind, published
