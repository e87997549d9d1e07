# A backend that does not compile.
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/devices/broken/broken.c)
set(RK_BACKEND_DRBG RK_ALG_CTR_DRBG)
