-- Whether an operation's cycles depend on its secret: the operations that are not constant in each library. Series: the devices that the study has, too.
WITH judged AS (SELECT * FROM leak WHERE keys > 0 AND device IN (SELECT device FROM point)),
counted AS (SELECT device, count(*) AS all_of, sum(verdict = 'constant') AS constant FROM judged GROUP BY device)
SELECT device || ': ' || constant || ' of ' || all_of || ' are constant' AS series, op || CASE WHEN size_bytes > 0 THEN ', ' || size_bytes || ' B' ELSE '' END AS operation,
       backend || ' ' || version AS library,
       dense_rank() OVER (PARTITION BY device ORDER BY op, size_bytes) AS y, dense_rank() OVER (PARTITION BY device ORDER BY backend, version) AS x,
       CASE WHEN verdict = 'constant' THEN 0.12 WHEN verdict = 'depends on secrets' THEN 2 END AS shade,
       CASE WHEN verdict = 'constant' THEN 'constant' WHEN verdict = 'depends on secrets' THEN 'depends' WHEN keys > 0 THEN 'cannot tell' ELSE '-' END AS verdict,
       CASE WHEN verdict = 'depends on secrets' AND cycles_max = cycles_min THEN 'by its path alone'
            WHEN verdict = 'depends on secrets' THEN printf('%.2g %% of cycles', 100.0 * (cycles_max - cycles_min) / cycles_min)
            WHEN keys > 0 THEN keys || ' secrets' ELSE '' END AS spread,
       device || ', ' || backend || ' ' || version || ', ' || op || ': ' || verdict ||
         CASE WHEN keys > 0 THEN printf('; %d secrets, %d outcomes, %d to %d cycles', keys, outcomes, cycles_min, cycles_max) ELSE '' END ||
         CASE note WHEN '' THEN '' ELSE '; ' || note END AS tip, keys, outcomes, cycles_min, cycles_max
  FROM leak JOIN counted USING (device)
 WHERE (device, op, size_bytes) IN (SELECT device, op, size_bytes FROM judged WHERE verdict <> 'constant')
   AND (device, backend) IN (SELECT device, backend FROM judged WHERE verdict <> 'constant')
 ORDER BY series, y, x
