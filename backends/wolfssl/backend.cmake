# wolfCrypt behind backends/backend.h. Read by devices/firmware/CMakeLists.txt; variables: backends/README.md.
set(RK_BACKEND_SOURCES "")
foreach(file backend symmetric drbg ecc)
  list(APPEND RK_BACKEND_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()
set(RK_BACKEND_DRBG RK_ALG_HASH_DRBG)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED OFF)
set(RK_BACKEND_UPSTREAM_REASON "")
set(RK_BACKEND_CHANGED_LINES "")

set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE} ${CMAKE_CURRENT_LIST_DIR})
set(RK_LIBRARY_DEFINES WOLFSSL_USER_SETTINGS)
set(RK_LIBRARY_SOURCES "")
foreach(file aes chacha chacha20_poly1305 curve25519 ecc fe_low_mem fe_operations hash hmac memory poly1305 random sha256
             sp_c32 sp_c64 sp_cortexm sp_int wc_port wolfmath)
  list(APPEND RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/wolfcrypt/src/${file}.c)
endforeach()

# 128 KB of flash hold the lifecycle with one AEAD, not with two: a device of this family seals with AES-CCM.
if(RK_DEVICE_FAMILY STREQUAL avr)
  set(RK_BACKEND_LIFECYCLE_USES
      RK_ALG_AES128_CCM RK_ALG_SHA256 RK_ALG_HMAC_SHA256 RK_ALG_HKDF_SHA256 RK_ALG_HASH_DRBG RK_ALG_X25519 RK_ALG_P256
      RK_ALG_AES_KEY_WRAP)
endif()
