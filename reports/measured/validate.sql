-- `rekeylab validate --json`: published figures of real boards beside ours. Fields: bench/validate.h.
CREATE TEMP TABLE validation(
  core TEXT NOT NULL, platform TEXT NOT NULL, board TEXT NOT NULL, library TEXT NOT NULL, primitive TEXT NOT NULL, parameters TEXT NOT NULL,
  metric TEXT NOT NULL, kind TEXT NOT NULL, published REAL, ours REAL, low REAL, high REAL, error REAL, status TEXT NOT NULL, source TEXT NOT NULL);
INSERT INTO validation
  SELECT value ->> 'core', value ->> 'platform', value ->> 'board', value ->> 'library', value ->> 'primitive', value ->> 'parameters',
         value ->> 'metric', value ->> 'kind', value ->> 'published', value ->> 'ours', value ->> 'low', value ->> 'high', value ->> 'error',
         value ->> 'status', value ->> 'source'
    FROM json_each(:document, '$.cases');
