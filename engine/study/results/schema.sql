-- Results of Rekeylab, schema version 5. Units stand in the column names. NULL means: there is no such figure.
-- Nothing here depends on the wall clock: the same inputs give the same rows.
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  -- schema_version, generator ('rekeylab 0.1.0'), scenario (file text), scenario_sha256, question, title, tier,
  -- shard ('1/3': only a part of the trials is here)

CREATE TABLE provenance(item TEXT PRIMARY KEY, value TEXT NOT NULL, sha256 TEXT) WITHOUT ROWID;
  -- git_revision, git_dirty, model, compiler, qemu, simavr, library:<name>, firmware:<device>/<backend>/<image>,
  -- costs:<device>/<backend>, file:<path>

CREATE TABLE cost(
  device TEXT NOT NULL, backend TEXT NOT NULL, version TEXT NOT NULL, compiler TEXT, flags TEXT,
  op TEXT NOT NULL, size_bytes INTEGER NOT NULL, status TEXT NOT NULL,
  cycles_min INTEGER, cycles_median INTEGER, cycles_max INTEGER, cycles_low INTEGER, cycles_high INTEGER,
  instructions INTEGER, stack_bytes INTEGER, heap_bytes INTEGER, ram_static_bytes INTEGER, flash_bytes INTEGER,
  nvm_write_bytes INTEGER, nvm_time_s REAL, time_s REAL, energy_J REAL, energy_low_J REAL, energy_high_J REAL,
  secret_dependent INTEGER, known_answer INTEGER, firmware_sha256 TEXT,
  PRIMARY KEY(device, backend, version, op, size_bytes)) WITHOUT ROWID;

CREATE TABLE device(
  name TEXT PRIMARY KEY, title TEXT, class_seed TEXT, class_rfc7228 TEXT, core TEXT, emulator TEXT,
  ram_bytes INTEGER, flash_bytes INTEGER, nvm_bytes INTEGER, clock_Hz INTEGER, radio TEXT, battery TEXT) WITHOUT ROWID;

CREATE TABLE point(
  point INTEGER PRIMARY KEY,          -- 0, 1, ... in the order of the axes
  label TEXT NOT NULL,                -- 'device=atmega1284p backend=mbedtls ...'
  device TEXT, backend TEXT, version TEXT, mechanism TEXT, association TEXT, renew TEXT,
  interval_s REAL,                    -- renewal interval; 'every message' is the message period; NULL for never
  battery TEXT, status TEXT NOT NULL, -- 'ok' or why it cannot run
  exposure_closed_form_s REAL,        -- of a leak of the session key, engine/model/trial.h; for never, T is the horizon
  renewal TEXT,                       -- 'rekey', 'key update' or 'key derivation', as SP 800-57 Part 1 8.2.3 has it
  messages_max INTEGER, failed_max INTEGER, -- limits of use: messages of a key, failed tags of all; NULL: none
  policy_date TEXT,                   -- the day of the next four, which are NULL without it
  approval TEXT, approval_of TEXT, approval_clause TEXT, -- the worst status, of what, and where that is written
  strength_bits INTEGER,              -- of the weakest link
  replications INTEGER);              -- those that it begins with: fewer than the study's by `stop.renewals`

CREATE TABLE axis(point INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(point, key)) WITHOUT ROWID;

-- One row a trial; the metric columns are those of engine/model/trial.h (RK_METRICS), added by the store when it creates the file.
CREATE TABLE trial(
  point INTEGER NOT NULL, replication INTEGER NOT NULL, inputs_sha256 TEXT NOT NULL,
  trace_checksum TEXT NOT NULL, trace_records INTEGER NOT NULL, events INTEGER NOT NULL,
  rekey_latency TEXT,                 -- [[low_ns, high_ns, renewals], ...]: how long they took (engine/core/bins.h); NULL: not kept
  PRIMARY KEY(point, replication)) WITHOUT ROWID;

-- Mean over replications with Student's 95 % interval; half-width NULL with fewer than two values. Beside it the bootstrap's
-- (BCa), from two to 1000 values.
CREATE TABLE summary(
  point INTEGER NOT NULL, metric TEXT NOT NULL, unit TEXT NOT NULL, n INTEGER NOT NULL,
  mean REAL, ci95 REAL, min REAL, max REAL, bootstrap_low REAL, bootstrap_high REAL,
  PRIMARY KEY(point, metric)) WITHOUT ROWID;

-- Renewals of all trials of a point by how long they took, low_s <= t < high_s; bins without any are left out.
CREATE TABLE latency(
  point INTEGER NOT NULL, low_s REAL NOT NULL, high_s REAL NOT NULL,
  renewals INTEGER NOT NULL, PRIMARY KEY(point, low_s)) WITHOUT ROWID;

-- Points ranked by the metric of `rank` in the scenario, best first; no rows without it. A family is ranked by itself: points
-- that differ in the ranked axis only, named by what they share.
CREATE TABLE ranking(
  family TEXT NOT NULL, place INTEGER NOT NULL,
  rank INTEGER NOT NULL,              -- one more than the points that are better beyond doubt; 0: no value
  point INTEGER NOT NULL, n INTEGER NOT NULL, mean REAL, ci95 REAL, PRIMARY KEY(family, place)) WITHOUT ROWID;

-- Each two points of a family, by the differences a - b of their replications.
CREATE TABLE comparison(
  family TEXT NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL, n INTEGER NOT NULL,
  difference REAL, low REAL, high REAL, -- interval at the level that Holm's correction leaves this comparison
  p REAL, p_holm REAL,                -- two-sided, and corrected for all of the family
  bootstrap_low REAL, bootstrap_high REAL, -- 95 %, not corrected
  distinct_points INTEGER NOT NULL,   -- 1: p_holm < 0.05
  PRIMARY KEY(family, a, b)) WITHOUT ROWID;

-- The paper's requirements as `rekeylab audit` judged them; no rows where no audit was made.
CREATE TABLE requirement(
  number INTEGER PRIMARY KEY,         -- 1 to 28
  requirement TEXT NOT NULL, title TEXT NOT NULL,
  verdict TEXT NOT NULL,              -- 'PASS', 'FAIL', 'N/A'
  evidence TEXT NOT NULL, observations INTEGER NOT NULL,
  counter_example TEXT,               -- NULL unless it fails
  clause TEXT NOT NULL, explanation TEXT NOT NULL);
