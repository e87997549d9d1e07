# A backend that leaves its key everywhere: leaky.c; with a library that does so, too.
set(RK_BACKEND_PROVIDES RK_ALG_AES_KEY_WRAP)
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/bench/leaky/leaky.c)
set(RK_LIBRARY_SOURCES ${RK_ROOT}/tests/bench/leaky/leaky_library.c)
