# wolfCrypt behind backends/backend.h. Read by devices/firmware/CMakeLists.txt; variables: backends/README.md.
include(${CMAKE_CURRENT_LIST_DIR}/../changed_copy.cmake)

set(RK_BACKEND_PROVIDES
    RK_ALG_AES_CCM RK_ALG_AES_GCM RK_ALG_CHACHA20_POLY1305 RK_ALG_SHA1 RK_ALG_SHA256 RK_ALG_SHA384 RK_ALG_SHA512
    RK_ALG_HMAC_SHA1 RK_ALG_HMAC_SHA256 RK_ALG_HMAC_SHA384 RK_ALG_HMAC_SHA512 RK_ALG_AES_CMAC RK_ALG_HKDF_SHA256
    RK_ALG_KBKDF_HMAC RK_ALG_KBKDF_CMAC RK_ALG_PBKDF2 RK_ALG_TLS12_PRF RK_ALG_HASH_DRBG RK_ALG_X25519 RK_ALG_P256 RK_ALG_ECDSA_P256 RK_ALG_ED25519
    RK_ALG_RSA1024 RK_ALG_RSA2048 RK_ALG_AES_KEY_WRAP)
set(RK_BACKEND_COMPOSES RK_ALG_KBKDF_HMAC RK_ALG_KBKDF_CMAC)
set(RK_BACKEND_DRBG RK_ALG_HASH_DRBG)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED OFF)
set(RK_BACKEND_UPSTREAM_REASON "")
set(RK_BACKEND_CHANGED_LINES "")

set(RK_BACKEND_SOURCES ${CMAKE_CURRENT_LIST_DIR}/backend.c)
set(RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/../composed.c)
foreach(file symmetric gcm hash sha1 sha512 drbg ecc ed25519 rsa)
  list(APPEND RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()

set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE} ${CMAKE_CURRENT_LIST_DIR})
set(RK_LIBRARY_DEFINES WOLFSSL_USER_SETTINGS)
set(RK_LIBRARY_SOURCES "")
foreach(file aes chacha chacha20_poly1305 cmac curve25519 ecc fe_low_mem fe_operations hash hmac kdf memory poly1305
             pwdbased random sha256 sp_arm64 sp_armthumb sp_c32 sp_c64 sp_cortexm sp_int wc_port wolfmath)
  list(APPEND RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/wolfcrypt/src/${file}.c)
endforeach()

# ML-KEM came with 5.7; in 5.5 the file is empty. FIPS 203 as published hashes the number k into the seed of a key pair
# (algorithm 13, line 1), its draft, which this is, did not.
if(RK_LIBRARY_VERSION VERSION_GREATER_EQUAL 5.7 AND RK_DEVICE_FAMILY MATCHES "^(arm|aarch64|host)$")
  list(APPEND RK_BACKEND_PROVIDES RK_ALG_MLKEM512 RK_ALG_MLKEM768)
  list(APPEND RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/mlkem.c)
  rk_changed_copy(rk_copy ${RK_LIBRARY_SOURCE}/wolfcrypt/src/wc_kyber.c COUNT 1 CHANGES
                  "ret = KYBER_HASH_G\\(rand, KYBER_SYM_SZ, buf\\)"
                  "ret = KYBER_HASH_G((XMEMCPY(buf, rand, KYBER_SYM_SZ), buf[KYBER_SYM_SZ] = (byte)kp, buf), KYBER_SYM_SZ + 1, buf)")
  get_filename_component(rk_copy ${rk_copy} DIRECTORY)
  list(APPEND RK_LIBRARY_INCLUDES ${rk_copy})
  set(RK_BACKEND_CHANGED_LINES "wc_kyber.c 1: k hashed into the seed, as FIPS 203 has it")
endif()

# 128 KB of flash hold the lifecycle with one AEAD, not with two, and 48 KB with one curve, too: devices of these families
# seal with AES-CCM.
if(RK_DEVICE_FAMILY MATCHES "^(avr|msp430)$")
  set(RK_BACKEND_LIFECYCLE_USES
      RK_ALG_AES_CCM RK_ALG_SHA256 RK_ALG_HMAC_SHA256 RK_ALG_HKDF_SHA256 RK_ALG_HASH_DRBG RK_ALG_X25519
      RK_ALG_AES_KEY_WRAP)
  if(RK_DEVICE_FAMILY STREQUAL avr)
    list(APPEND RK_BACKEND_LIFECYCLE_USES RK_ALG_P256)
  endif()
endif()
