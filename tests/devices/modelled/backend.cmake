# The modelled backend as a device's, for what depends on no cryptography: the agent's states. Small, and built in seconds.
set(RK_BACKEND_PROVIDES RK_ALG_AES_CCM RK_ALG_SHA256 RK_ALG_HMAC_SHA256 RK_ALG_KBKDF_HMAC RK_ALG_HMAC_DRBG)
set(RK_BACKEND_SOURCES ${RK_ROOT}/tests/devices/modelled/backend.c)
set(RK_ADAPTER_SOURCES ${RK_ROOT}/backends/modelled/modelled.c)
set(RK_BACKEND_DRBG RK_ALG_HMAC_DRBG)
set(RK_BACKEND_LIFECYCLE_USES ${RK_BACKEND_PROVIDES})
