# A backend whose operations do not all fit an ATmega1284P (too_big.c).
set(RK_BACKEND_PROVIDES RK_ALG_SHA256 RK_ALG_HMAC_SHA256 RK_ALG_HKDF_SHA256 RK_ALG_SHA1)
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/devices/too_big/too_big.c)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED ON)
set(RK_BACKEND_UPSTREAM_REASON "it is too big on purpose")
set(RK_BACKEND_CHANGED_LINES "none of its lines")
