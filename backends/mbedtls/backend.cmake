# mbedTLS behind backends/backend.h. Read by devices/firmware/CMakeLists.txt; variables: backends/README.md.
include(${CMAKE_CURRENT_LIST_DIR}/../changed_copy.cmake)

set(RK_BACKEND_SOURCES "")
foreach(file backend symmetric drbg ecc)
  list(APPEND RK_BACKEND_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()
set(RK_BACKEND_DRBG RK_ALG_CTR_DRBG)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED OFF)
set(RK_BACKEND_UPSTREAM_REASON "")
set(RK_BACKEND_CHANGED_LINES "")

set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE}/include)
set(RK_LIBRARY_DEFINES MBEDTLS_CONFIG_FILE="backends/mbedtls/config.h")
set(rk_files
    aes.c bignum.c ccm.c chacha20.c chachapoly.c cipher.c cipher_wrap.c constant_time.c ctr_drbg.c ecdh.c ecp.c
    ecp_curves.c hkdf.c hmac_drbg.c md.c nist_kw.c platform_util.c poly1305.c sha256.c)
if(RK_LIBRARY_VERSION VERSION_GREATER_EQUAL 3.5)
  list(APPEND rk_files bignum_core.c)
endif()

set(RK_LIBRARY_SOURCES "")
foreach(file ${rk_files})
  list(APPEND RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/library/${file})
endforeach()

# avr-gcc copies const data into RAM, and mbedTLS has no macro that puts its tables into flash: 13 lines are changed.
function(rk_mbedtls_change file)
  rk_changed_copy(copy ${RK_LIBRARY_SOURCE}/library/${file} ${ARGN})
  list(TRANSFORM RK_LIBRARY_SOURCES REPLACE "^.*/library/${file}$" "${copy}")
  set(RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCES} PARENT_SCOPE)
endfunction()

if(RK_DEVICE_FAMILY STREQUAL avr)
  rk_mbedtls_change(aes.c COUNT 11 CHANGES
                    "static const (unsigned char [FR]Sb|uint32_t [FR]T[0-3]|uint32_t RCON|uint32_t round_constants)"
                    "static const __flash \\1")
  rk_mbedtls_change(sha256.c COUNT 1 CHANGES "static const uint32_t K" "static const __flash uint32_t K")
  list(APPEND RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE}/library)
  set(RK_BACKEND_CHANGED_LINES "aes.c 11 and sha256.c 1: tables to flash")
  if(RK_LIBRARY_VERSION VERSION_GREATER_EQUAL 3.0)
    # 3.x refuses a 16-bit int for fear that a cast loses the upper half of a 32-bit difference; the difference it
    # collects there is of bytes, so nothing is lost, and the known answers with wrong tags pass.
    rk_mbedtls_change(constant_time.c COUNT 1 CHANGES "#if \\(INT_MAX < INT32_MAX\\)" "#if 0")
    string(APPEND RK_BACKEND_CHANGED_LINES "; constant_time.c 1: 16-bit int")
    set(RK_BACKEND_UPSTREAM_UNSUPPORTED ON)
    set(RK_BACKEND_UPSTREAM_REASON "mbedTLS 3.x requires an int of 32 bits")
  endif()
endif()
