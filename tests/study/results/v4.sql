-- Results as Rekeylab wrote them under schema version 4, with the metrics of that time. Rows: rows.sql.
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE provenance(item TEXT PRIMARY KEY, value TEXT NOT NULL, sha256 TEXT) WITHOUT ROWID;
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
  point INTEGER PRIMARY KEY,
  label TEXT NOT NULL,
  device TEXT, backend TEXT, version TEXT, mechanism TEXT, association TEXT, renew TEXT,
  interval_s REAL,
  battery TEXT, status TEXT NOT NULL,
  exposure_closed_form_s REAL,
  renewal TEXT,
  messages_max INTEGER, failed_max INTEGER,
  policy_date TEXT,
  approval TEXT, approval_of TEXT, approval_clause TEXT,
  strength_bits INTEGER,
  replications INTEGER);
CREATE TABLE axis(point INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(point, key)) WITHOUT ROWID;
CREATE TABLE trial(
  point INTEGER NOT NULL, replication INTEGER NOT NULL, inputs_sha256 TEXT NOT NULL,
  trace_checksum TEXT NOT NULL, trace_records INTEGER NOT NULL, events INTEGER NOT NULL,
  battery_life_d REAL, battery_life_low_d REAL, battery_life_high_d REAL, energy_J_per_d REAL,
  energy_crypto_keys_J_per_d REAL, energy_crypto_data_J_per_d REAL, energy_radio_keys_J_per_d REAL,
  energy_radio_data_J_per_d REAL, energy_nvm_J_per_d REAL, energy_sleep_J_per_d REAL, assumed_share REAL,
  renewals_per_d REAL, renewals_failed_per_d REAL, rekey_latency_p50_s REAL, rekey_latency_p95_s REAL,
  rekey_latency_p99_s REAL, message_delay_p95_s REAL, no_key_s_per_d REAL, messages_per_d REAL,
  messages_lost_per_d REAL, messages_unprotected_per_d REAL, messages_rejected_per_d REAL, nvm_writes_per_d REAL,
  nvm_life_y REAL, compromises REAL, exposure_s REAL, exposure_messages REAL, exposure_capture_s REAL,
  server_wait_p99_s REAL, keys_per_device REAL, collisions_per_d REAL, refusals_per_d REAL, channel_busy_share REAL,
  reboots_per_d REAL, off_s_per_d REAL, messages_missed_per_d REAL, recovery_p95_s REAL, out_of_step_s_per_d REAL,
  lockouts REAL, requests_refused_per_d REAL, duplicate_keys REAL, exposure_server_s REAL, healing_s REAL,
  forgeries_per_d REAL, forgery_bound REAL, aead_v_share REAL, aead_q_share REAL, group_rekeys_per_d REAL,
  group_encryptions_per_d REAL, group_encryptions_per_leave REAL, group_bytes_per_rekey REAL, group_repairs_per_d REAL,
  group_stale_s_per_d REAL, group_leaver_s REAL, group_exposure_s REAL, group_exposure_share REAL, tried_messages REAL,
  tried_capture_messages REAL, tried_server_messages REAL, tried_past_share REAL, tried_apart REAL,
  PRIMARY KEY(point, replication)) WITHOUT ROWID;
CREATE TABLE summary(
  point INTEGER NOT NULL, metric TEXT NOT NULL, unit TEXT NOT NULL, n INTEGER NOT NULL,
  mean REAL, ci95 REAL, min REAL, max REAL, bootstrap_low REAL, bootstrap_high REAL,
  PRIMARY KEY(point, metric)) WITHOUT ROWID;
CREATE TABLE ranking(
  family TEXT NOT NULL, place INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  point INTEGER NOT NULL, n INTEGER NOT NULL, mean REAL, ci95 REAL, PRIMARY KEY(family, place)) WITHOUT ROWID;
CREATE TABLE comparison(
  family TEXT NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL, n INTEGER NOT NULL,
  difference REAL, low REAL, high REAL,
  p REAL, p_holm REAL,
  bootstrap_low REAL, bootstrap_high REAL,
  distinct_points INTEGER NOT NULL,
  PRIMARY KEY(family, a, b)) WITHOUT ROWID;
CREATE TABLE requirement(
  number INTEGER PRIMARY KEY,
  requirement TEXT NOT NULL, title TEXT NOT NULL,
  verdict TEXT NOT NULL,
  evidence TEXT NOT NULL, observations INTEGER NOT NULL,
  counter_example TEXT,
  clause TEXT NOT NULL, explanation TEXT NOT NULL);
PRAGMA application_id = 1380666434;
PRAGMA user_version = 4;
