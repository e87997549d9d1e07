-- `rekeylab trace STUDY.yaml --device N`: what became of each key, one event a line, with a space between words:
-- 226.389708687 dev=1 server key=1 none -> pre-activation (established)
CREATE TEMP TABLE trace(
  line INTEGER PRIMARY KEY, at_s REAL NOT NULL, device INTEGER NOT NULL, side TEXT NOT NULL, key INTEGER NOT NULL, was TEXT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL);
INSERT INTO trace
  WITH words AS (SELECT key AS line, '["' || replace(value, ' ', '","') || '"]' AS word FROM json_each(:document))
  SELECT line, CAST(word ->> 0 AS REAL), CAST(substr(word ->> 1, 5) AS INTEGER), word ->> 2, CAST(substr(word ->> 3, 5) AS INTEGER), word ->> 4,
         word ->> 6, trim(word ->> 7, '()')
    FROM words;
