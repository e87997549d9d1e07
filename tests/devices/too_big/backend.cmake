# A backend whose operations do not all fit (too_big.c): neither a device of 16-bit addresses nor a small one of 32 bits.
set(RK_BACKEND_PROVIDES RK_ALG_SHA256 RK_ALG_HMAC_SHA256 RK_ALG_HKDF_SHA256 RK_ALG_SHA1)
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/devices/too_big/too_big.c)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED ON)
set(RK_BACKEND_UPSTREAM_REASON "it is too big on purpose")
set(RK_BACKEND_CHANGED_LINES "none of its lines")
if(RK_DEVICE_FAMILY STREQUAL arm)
  set(RK_LIBRARY_DEFINES RAM_bytes=70000 QUARTER_bytes=80000)
else()
  set(RK_LIBRARY_DEFINES RAM_bytes=20000 QUARTER_bytes=32760) # the compiler accepts no larger object
endif()
