iif(instr(a.key, '.') AND a.key NOT IN ('policy.mechanism', 'policy.renew'), replace(a.key, rtrim(a.key, replace(a.key, '.', '')), '') || ' ', '') || a.value
