# A backend whose operations do not all fit an ATmega1284P (too_big.c).
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/devices/too_big/too_big.c)
set(RK_BACKEND_DRBG RK_ALG_CTR_DRBG)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED ON)
set(RK_BACKEND_UPSTREAM_REASON "it is too big on purpose")
set(RK_BACKEND_CHANGED_LINES "none of its lines")
set(RK_LIBRARY_SOURCES "")
set(RK_LIBRARY_INCLUDES "")
set(RK_LIBRARY_DEFINES "")
