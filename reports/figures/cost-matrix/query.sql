-- What the operations of a key's life cost on each device of the study, by library: time, and the tightest share of RAM and flash.
-- One size an operation, that of the least input of 32 bytes and more where there is one. Series: the devices of a class.
WITH wanted(place, op) AS (VALUES (1, 'aes128_ccm_8_seal'), (2, 'aes128_gcm_seal'), (3, 'chacha20_poly1305_seal'), (4, 'ascon_aead128_seal'),
    (5, 'sha256'), (6, 'hmac_sha256'), (7, 'hkdf_sha256'), (8, 'aes128_cmac'), (9, 'aes_key_wrap'), (10, 'x25519_agree'), (11, 'p256_agree'),
    (12, 'ecdsa_p256_sign'), (13, 'ecdsa_p256_verify'), (14, 'ed25519_sign'), (15, 'ed25519_verify'), (16, 'mlkem512_decapsulate'),
    (17, 'key_establish'), (18, 'key_renew'), (19, 'key_renew_derive'), (20, 'key_renew_transport'), (21, 'key_renew_refresh')),
sized AS (
  SELECT c.*, w.place, 'class ' || coalesce(d.class_seed, '?') AS class, coalesce(d.class_seed, '?') || c.device AS device_place, d.ram_bytes, d.flash_bytes AS budget_flash,
         row_number() OVER (PARTITION BY c.device, c.backend, c.version, c.op ORDER BY c.size_bytes < 32, c.size_bytes) AS nth
    FROM cost c JOIN wanted w ON w.op = c.op LEFT JOIN device d ON d.name = c.device
   WHERE c.backend <> 'modelled' AND c.device IN (SELECT device FROM point)),
one AS (
  SELECT *, stack_bytes + coalesce(heap_bytes, 0) + coalesce(ram_static_bytes, 0) AS ram, (time_s + coalesce(nvm_time_s, 0)) AS all_s
    FROM sized WHERE nth = 1 AND op IN (SELECT op FROM sized WHERE status <> 'not provided by the library')),
share AS (
  SELECT *, max(coalesce(1.0 * ram / ram_bytes, 0), coalesce(1.0 * flash_bytes / budget_flash, 0)) AS tight,
         coalesce(1.0 * ram / ram_bytes, 0) >= coalesce(1.0 * flash_bytes / budget_flash, 0) AS is_ram FROM one),
range AS (SELECT ln(min(all_s)) AS low, ln(max(all_s)) AS high FROM share WHERE all_s > 0)
SELECT class AS series, op || CASE WHEN max(size_bytes) OVER (PARTITION BY class, op) > 0 THEN ', ' || max(size_bytes) OVER (PARTITION BY class, op) || ' B' ELSE '' END AS operation,
       device || ' ' || backend AS device_library,
       dense_rank() OVER (PARTITION BY class ORDER BY place) AS y, dense_rank() OVER (PARTITION BY class ORDER BY device_place, backend, version) AS x,
       CASE WHEN all_s > 0 THEN (ln(all_s) - low) / max(high - low, 1e-9) WHEN status LIKE 'does not fit%' THEN 2 END AS shade,
       CASE WHEN all_s >= 100 THEN printf('%.0f s', all_s) WHEN all_s >= 1 THEN printf('%.3g s', all_s) WHEN all_s >= 1e-3 THEN printf('%.3g ms', all_s * 1e3)
            WHEN all_s > 0 THEN printf('%.3g us', all_s * 1e6) WHEN status LIKE 'does not fit: %' THEN 'no ' || substr(status, 15) ELSE '-' END AS time,
       CASE WHEN all_s > 0 AND tight > 0 THEN printf('%s %.0f %%', iif(is_ram, 'ram', 'flash'), tight * 100) ELSE '' END AS tightest,
       device || ', ' || backend || ' ' || version || ', ' || op || ': ' ||
         CASE WHEN all_s > 0 THEN printf('%.4g ms, %.4g to %.4g million cycles, %.3g mJ, RAM %.0f %%, flash %.0f %%', all_s * 1e3,
                                         coalesce(cycles_low, cycles_median) / 1e6, coalesce(cycles_high, cycles_median) / 1e6, energy_J * 1e3,
                                         100.0 * ram / ram_bytes, 100.0 * flash_bytes / budget_flash)
              ELSE status END AS tip, all_s AS time_s, ram AS ram_used_bytes, ram_bytes AS ram_device_bytes, flash_bytes AS flash_used_bytes,
       budget_flash AS flash_device_bytes
  FROM share, range ORDER BY series, y, x
