-- Where the energy of a day goes: share of each cause in percent, for each point of a device, on the backend that lives longest with it.
WITH named AS (
  SELECT p.*, coalesce((SELECT group_concat(value, ', ') FROM (SELECT @VALUE AS value FROM axis a WHERE a.point = p.point
                           AND key NOT IN ('device', 'backend') ORDER BY key)), p.mechanism || ', ' || p.renew) AS shown FROM point p),
v AS (
  SELECT p.point, p.device, p.shown, p.mechanism, coalesce(p.interval_s, 1e18) AS interval_s, p.backend,
         row_number() OVER (PARTITION BY p.device, p.shown ORDER BY l.mean DESC, p.backend) AS place
    FROM named p JOIN summary l ON l.point = p.point AND l.metric = 'battery_life_d' WHERE p.status = 'ok'),
s AS (SELECT point, metric, mean FROM summary)
SELECT v.device AS series, v.shown AS label,
       100 * (SELECT mean FROM s WHERE s.point = v.point AND metric = 'energy_crypto_keys_J_per_d') / t.mean AS crypto_keys,
       100 * (SELECT mean FROM s WHERE s.point = v.point AND metric = 'energy_radio_keys_J_per_d') / t.mean AS radio_keys,
       100 * (SELECT mean FROM s WHERE s.point = v.point AND metric = 'energy_nvm_J_per_d') / t.mean AS nvm,
       100 * (SELECT mean FROM s WHERE s.point = v.point AND metric = 'energy_crypto_data_J_per_d') / t.mean AS crypto_data,
       100 * (SELECT mean FROM s WHERE s.point = v.point AND metric = 'energy_radio_data_J_per_d') / t.mean AS radio_data,
       100 * (SELECT mean FROM s WHERE s.point = v.point AND metric = 'energy_sleep_J_per_d') / t.mean AS sleep,
       t.mean AS energy_J_per_d
  FROM v JOIN s t ON t.point = v.point AND t.metric = 'energy_J_per_d'
 WHERE v.place = 1
 ORDER BY v.device, v.mechanism, v.interval_s, v.shown
