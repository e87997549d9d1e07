# SHA-256 of mbedTLS 2.28. RK_VARIANT: smaller.
set(RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/library/sha256.c ${RK_LIBRARY_SOURCE}/library/platform_util.c)
set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE}/include)
set(RK_LIBRARY_DEFINES MBEDTLS_CONFIG_FILE="bench/validation/programs/sha256_mbedtls.h")
if(RK_VARIANT STREQUAL smaller)
  list(APPEND RK_LIBRARY_DEFINES MBEDTLS_SHA256_SMALLER)
endif()
