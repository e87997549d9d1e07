-- Two points of two replications, in columns that all versions have.
INSERT INTO meta VALUES('generator', 'rekeylab 0.1.0'), ('name', 'old'), ('title', 'An old study'), ('question', 'Which one lasts?'),
  ('scenario', 'name: old'), ('seed', '7'), ('replications', '2'), ('execution', 'modelled'), ('tier', 'timelines');
INSERT INTO provenance VALUES('git_revision', '8181ff1', NULL), ('costs:mote/alpha', 'recorded', 'aa');
INSERT INTO device(name, title, class_seed, class_rfc7228, core, emulator, ram_bytes, flash_bytes, nvm_bytes, clock_Hz, radio, battery)
  VALUES('mote', 'A mote', 'C1', 'C1', 'avr5', 'simavr', 16384, 131072, 4096, 8000000, 'cc2420', 'aa');
INSERT INTO cost(device, backend, version, op, size_bytes, status, cycles_median, stack_bytes)
  VALUES('mote', 'alpha', '1.0', 'x25519_agree', 0, 'ok', 1000000, 500);
INSERT INTO point(point, label, device, backend, version, mechanism, association, renew, interval_s, battery, status, exposure_closed_form_s)
  VALUES(0, 'policy.renew=1 d', 'mote', 'alpha', '1.0', 'ecdh', 'A1', '1 d', 86400, 'aa', 'ok', 50000),
        (1, 'policy.renew=7 d', 'mote', 'alpha', '1.0', 'ecdh', 'A1', '7 d', 604800, 'aa', 'ok', 350000);
INSERT INTO axis VALUES(0, 'policy.renew', '1 d'), (1, 'policy.renew', '7 d');
INSERT INTO trial(point, replication, inputs_sha256, trace_checksum, trace_records, events, battery_life_d, energy_J_per_d, exposure_s)
  VALUES(0, 0, 'i0', 'c0', 10, 100, 200.5, 3.5, NULL), (0, 1, 'i1', 'c1', 11, 101, 201.5, 3.25, 40000),
        (1, 0, 'i2', 'c2', 12, 102, 300.5, 2.5, 300000), (1, 1, 'i3', 'c3', 13, 103, 301.5, 2.25, 300001);
INSERT INTO summary(point, metric, unit, n, mean, ci95, min, max)
  VALUES(0, 'battery_life_d', 'd', 2, 201, 6.35, 200.5, 201.5), (1, 'battery_life_d', 'd', 2, 301, 6.35, 300.5, 301.5),
        (0, 'energy_J_per_d', 'J/d', 2, 3.375, 1.59, 3.25, 3.5), (1, 'energy_J_per_d', 'J/d', 2, 2.375, 1.59, 2.25, 2.5);
