-- Cuts of the power during each transition of a key's life, and how many of them went wrong. Series: the devices that the study has, too.
WITH c AS (
  SELECT *, coalesce(lost + resurrected + nonce_reuse + replayed, 0) AS wrong FROM powercut WHERE device IN (SELECT device FROM point))
SELECT device AS series, backend || ' ' || version || ', ' || mechanism AS pair, coalesce(transition, 'establish') AS transition,
       dense_rank() OVER (PARTITION BY device ORDER BY backend, version, mechanism, mode) AS y, coalesce(number, 0) + 1 AS x,
       CASE WHEN cuts IS NULL THEN NULL WHEN wrong > 0 THEN 2 ELSE 0.12 END AS shade,
       coalesce(CASE WHEN cuts >= 1e5 THEN printf('%.3g M', cuts / 1e6) ELSE cuts END, '-') AS cut,
       CASE WHEN cuts IS NULL THEN '' WHEN wrong > 0 THEN wrong || ' wrong' ELSE 'all well' END AS judged,
       device || ', ' || backend || ' ' || version || ', ' || mechanism || ', ' || coalesce(transition, '') || ': ' ||
         CASE WHEN cuts IS NULL THEN status
              ELSE printf('%d cuts (%s): old key %d, new %d, none %d; lost %d, resurrected %d, nonce reuse %d, replayed %d', cuts, mode, old_key, new_key,
                          no_key, lost, resurrected, nonce_reuse, replayed) END AS tip, cuts, lost, resurrected, nonce_reuse, replayed
  FROM c ORDER BY series, y, x
