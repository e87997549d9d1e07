-- `rekeylab powercut --json`: what cuts of the power came to, one row a transition; where nothing was cut one without. Fields: bench/powercut.h.
CREATE TEMP TABLE powercut(
  device TEXT NOT NULL, backend TEXT NOT NULL, version TEXT NOT NULL, mechanism TEXT NOT NULL, mode TEXT NOT NULL, status TEXT NOT NULL,
  number INTEGER, transition TEXT, cuts INTEGER, old_key INTEGER, new_key INTEGER, no_key INTEGER, lost INTEGER, resurrected INTEGER,
  nonce_reuse INTEGER, replayed INTEGER);
INSERT INTO powercut
  SELECT r.value ->> 'device', r.value ->> 'backend', r.value ->> 'version', r.value ->> 'mechanism', r.value ->> 'mode', r.value ->> 'status',
         t.key, t.value ->> 'transition', t.value ->> 'cuts', t.value ->> 'old', t.value ->> 'new', t.value ->> 'none', t.value ->> 'lost',
         t.value ->> 'resurrected', t.value ->> 'nonce_reuse', t.value ->> 'replayed'
    FROM json_each(:document) r LEFT JOIN json_each(r.value, '$.transitions') t;
