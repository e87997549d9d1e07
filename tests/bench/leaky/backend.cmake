# A backend that leaves its key everywhere: leaky.c.
set(RK_BACKEND_PROVIDES RK_ALG_AES_KEY_WRAP)
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/bench/leaky/leaky.c)
