-- Whether an operation's cycles depend on its secret. Series: the devices that the study has, too.
SELECT device AS series, op || CASE WHEN size_bytes > 0 THEN ', ' || size_bytes || ' B' ELSE '' END AS operation, backend || ' ' || version AS library,
       dense_rank() OVER (PARTITION BY device ORDER BY op, size_bytes) AS y, dense_rank() OVER (PARTITION BY device ORDER BY backend, version) AS x,
       CASE WHEN verdict = 'constant' THEN 0.12 WHEN verdict = 'depends on secrets' THEN 2 END AS shade,
       CASE WHEN verdict = 'constant' THEN 'constant' WHEN verdict = 'depends on secrets' THEN 'depends' WHEN keys > 0 THEN 'cannot tell' ELSE '-' END AS verdict,
       CASE WHEN verdict = 'depends on secrets' THEN printf('%.2g %% of cycles', 100.0 * (cycles_max - cycles_min) / cycles_min)
            WHEN keys > 0 THEN keys || ' secrets' ELSE '' END AS spread,
       device || ', ' || backend || ' ' || version || ', ' || op || ': ' || verdict ||
         CASE WHEN keys > 0 THEN printf('; %d secrets, %d outcomes, %d to %d cycles', keys, outcomes, cycles_min, cycles_max) ELSE '' END ||
         CASE note WHEN '' THEN '' ELSE '; ' || note END AS tip, keys, outcomes, cycles_min, cycles_max
  FROM leak WHERE device IN (SELECT device FROM point) ORDER BY series, y, x
