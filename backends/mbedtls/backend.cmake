# mbedTLS behind backends/backend.h. Read by devices/firmware/CMakeLists.txt; variables: backends/README.md.
include(${CMAKE_CURRENT_LIST_DIR}/../changed_copy.cmake)

set(RK_BACKEND_SOURCES ${CMAKE_CURRENT_LIST_DIR}/backend.c)
set(RK_ADAPTER_SOURCES "")
foreach(file symmetric hash drbg ecc rsa pake)
  list(APPEND RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()
list(APPEND RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/../composed.c)

set(RK_BACKEND_COMPOSES RK_ALG_KBKDF_HMAC RK_ALG_KBKDF_CMAC RK_ALG_TLS12_PRF)
set(RK_BACKEND_PROVIDES
    RK_ALG_AES_CCM RK_ALG_AES_GCM RK_ALG_CHACHA20_POLY1305 RK_ALG_SHA1 RK_ALG_SHA256 RK_ALG_SHA384 RK_ALG_SHA512
    RK_ALG_HMAC_SHA256 RK_ALG_AES_CMAC RK_ALG_HKDF_SHA256 RK_ALG_PBKDF2 RK_ALG_CTR_DRBG RK_ALG_HMAC_DRBG RK_ALG_X25519
    RK_ALG_P256 RK_ALG_ECDSA_P256 RK_ALG_RSA1024 RK_ALG_RSA2048 RK_ALG_ECJPAKE RK_ALG_AES_KEY_WRAP
    RK_ALG_AES_KEY_WRAP_PAD ${RK_BACKEND_COMPOSES})
if(NOT RK_DEVICE_FAMILY MATCHES "^(avr|msp430)$")
  list(APPEND RK_BACKEND_PROVIDES RK_ALG_HMAC_SHA1 RK_ALG_HMAC_SHA384 RK_ALG_HMAC_SHA512)
endif()
set(RK_BACKEND_DRBG RK_ALG_CTR_DRBG)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED OFF)
set(RK_BACKEND_UPSTREAM_REASON "")
set(RK_BACKEND_CHANGED_LINES "")

set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE}/include)
set(RK_LIBRARY_DEFINES MBEDTLS_CONFIG_FILE="backends/mbedtls/config.h")
set(rk_files
    aes.c asn1parse.c asn1write.c bignum.c ccm.c chacha20.c chachapoly.c cipher.c cipher_wrap.c cmac.c constant_time.c
    ctr_drbg.c ecdh.c ecdsa.c ecjpake.c ecp.c ecp_curves.c gcm.c hkdf.c hmac_drbg.c md.c nist_kw.c oid.c pkcs5.c
    platform_util.c poly1305.c rsa.c sha1.c sha256.c sha512.c)
if(RK_LIBRARY_VERSION VERSION_GREATER_EQUAL 3.0)
  list(APPEND rk_files rsa_alt_helpers.c)
else()
  list(APPEND rk_files rsa_internal.c)
endif()
if(RK_LIBRARY_VERSION VERSION_GREATER_EQUAL 3.5)
  list(APPEND rk_files bignum_core.c)
endif()

set(RK_LIBRARY_SOURCES "")
foreach(file ${rk_files})
  list(APPEND RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/library/${file})
endforeach()

function(rk_mbedtls_change file)
  rk_changed_copy(copy ${RK_LIBRARY_SOURCE}/library/${file} ${ARGN})
  list(TRANSFORM RK_LIBRARY_SOURCES REPLACE "^.*/library/${file}$" "${copy}")
  set(RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCES} PARENT_SCOPE)
endfunction()

# avr-gcc copies const data into RAM, and mbedTLS has no macro that puts its tables into flash. An MSP430 reads flash as
# it reads RAM: nothing to change.
if(RK_DEVICE_FAMILY STREQUAL avr)
  rk_mbedtls_change(aes.c COUNT 11 CHANGES
                    "static const (unsigned char [FR]Sb|uint32_t [FR]T[0-3]|uint32_t RCON|uint32_t round_constants)"
                    "static const __flash \\1")
  rk_mbedtls_change(sha256.c COUNT 1 CHANGES "static const uint32_t K" "static const __flash uint32_t K")
  rk_mbedtls_change(sha512.c COUNT 1 CHANGES "static const uint64_t K" "static const __flash uint64_t K")
  rk_mbedtls_change(gcm.c COUNT 1 CHANGES "static const (uint16_t|uint64_t) last4" "static const __flash \\1 last4")
  set(RK_BACKEND_CHANGED_LINES "aes.c 11, sha256.c 1, sha512.c 1 and gcm.c 1: tables to flash")
endif()

# An int of 16 bits. 3.x refuses it for fear that a cast loses the upper half of a 32-bit difference; the difference it
# collects there is of bytes, so nothing is lost, and the known answers with wrong tags pass. 2.28 shifts a 16-bit length
# by 24, which means nothing in C: gcc makes zero of it, clang does not.
if(RK_DEVICE_FAMILY MATCHES "^(avr|msp430)$")
  if(RK_LIBRARY_VERSION VERSION_GREATER_EQUAL 3.0)
    rk_mbedtls_change(constant_time.c COUNT 1 CHANGES "#if \\(INT_MAX < INT32_MAX\\)" "#if 0")
    list(APPEND RK_BACKEND_CHANGED_LINES "constant_time.c 1: 16-bit int")
    set(RK_BACKEND_UPSTREAM_UNSUPPORTED ON)
    set(RK_BACKEND_UPSTREAM_REASON "mbedTLS 3.x requires an int of 32 bits")
  else()
    set(rk_length "MBEDTLS_PUT_UINT32_BE\\((len|id_len|data_len),")
    rk_mbedtls_change(ecjpake.c COUNT 2 CHANGES "${rk_length}" "MBEDTLS_PUT_UINT32_BE((uint32_t)\\1,")
    rk_mbedtls_change(ctr_drbg.c COUNT 1 CHANGES "${rk_length}" "MBEDTLS_PUT_UINT32_BE((uint32_t)\\1,")
    list(APPEND RK_BACKEND_CHANGED_LINES "ecjpake.c 2 and ctr_drbg.c 1: 16-bit int")
  endif()
  list(APPEND RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE}/library)
  list(JOIN RK_BACKEND_CHANGED_LINES ", " RK_BACKEND_CHANGED_LINES)
endif()

# 48 KB of flash hold the lifecycle over keys that are shared beforehand; a curve needs 25 KB more.
if(RK_DEVICE_FAMILY STREQUAL msp430)
  set(RK_BACKEND_LIFECYCLE_USES
      RK_ALG_AES_CCM RK_ALG_SHA256 RK_ALG_HMAC_SHA256 RK_ALG_KBKDF_HMAC RK_ALG_AES_KEY_WRAP RK_ALG_CTR_DRBG)
endif()

# What config.h says of RK_MBEDTLS_DIRECT. constant_time.c has the comparison that key wrap needs.
foreach(source ${RK_LIBRARY_SOURCES})
  if(source MATCHES "/(ccm|chacha20|chachapoly|constant_time|gcm|nist_kw|poly1305|sha1|sha512)\\.c$")
    set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS RK_MBEDTLS_DIRECT)
  endif()
endforeach()
