# A backend that does not compile.
set(RK_BACKEND_PROVIDES RK_ALG_SHA256)
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/devices/broken/broken.c)
