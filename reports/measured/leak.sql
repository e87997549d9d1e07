-- `rekeylab leak --json`: whether what an operation costs depends on its secret. Fields: bench/leak.h.
CREATE TEMP TABLE leak(
  device TEXT NOT NULL, backend TEXT NOT NULL, version TEXT NOT NULL, op TEXT NOT NULL, size_bytes INTEGER NOT NULL, keys INTEGER NOT NULL,
  cycles_min INTEGER, cycles_max INTEGER, outcomes INTEGER NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL);
INSERT INTO leak
  SELECT value ->> 'device', value ->> 'backend', value ->> 'version', value ->> 'op', value ->> 'size', value ->> 'keys',
         value ->> 'cycles_min', value ->> 'cycles_max', value ->> 'distinct', value ->> 'verdict', value ->> 'note'
    FROM json_each(:document);
