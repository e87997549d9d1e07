-- `rekeylab zeroise --json`: searches of a device's memory, and the residues found. Fields: bench/zeroise.h.
CREATE TEMP TABLE search(
  search INTEGER PRIMARY KEY, device TEXT NOT NULL, backend TEXT NOT NULL, version TEXT NOT NULL, optimise TEXT NOT NULL, op TEXT NOT NULL,
  after TEXT NOT NULL, status TEXT NOT NULL);
CREATE TEMP TABLE residue(
  search INTEGER NOT NULL, place TEXT NOT NULL, address TEXT NOT NULL, bytes INTEGER NOT NULL, what TEXT NOT NULL, owner TEXT NOT NULL,
  symbol TEXT NOT NULL, byte_seconds REAL); -- NULL: for ever
INSERT INTO search
  SELECT key, value ->> 'device', value ->> 'backend', value ->> 'version', value ->> 'optimise', value ->> 'op', value ->> 'after',
         value ->> 'status'
    FROM json_each(:document);
INSERT INTO residue
  SELECT s.key, r.value ->> 'where', r.value ->> 'address', r.value ->> 'bytes', r.value ->> 'what', r.value ->> 'owner', r.value ->> 'symbol',
         r.value ->> 'byte_seconds'
    FROM json_each(:document) s JOIN json_each(s.value, '$.residues') r;
