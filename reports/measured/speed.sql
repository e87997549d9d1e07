-- `rekeylab speed --json`: engines on one machine, as ratios of runs of one round. Fields: bench/engine/README.md.
CREATE TEMP TABLE speed(
  work TEXT NOT NULL, engine TEXT NOT NULL, n INTEGER, status TEXT NOT NULL, events_per_s REAL, bytes_per_event REAL, ratio_to TEXT,
  ratio REAL, ratio_min REAL, ratio_max REAL);
INSERT INTO speed
  SELECT value ->> 'work', value ->> 'engine', value ->> 'n', value ->> 'status', value ->> '$.events_per_s.median', value ->> 'bytes_per_event',
         value ->> 'ratio_to', value ->> '$.ratio.median', value ->> '$.ratio.min', value ->> '$.ratio.max'
    FROM json_each(:document);
