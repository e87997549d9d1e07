# libsodium behind backends/backend.h. Read by devices/firmware/CMakeLists.txt; variables: backends/README.md.
include(${CMAKE_CURRENT_LIST_DIR}/../changed_copy.cmake)

set(RK_BACKEND_SOURCES ${CMAKE_CURRENT_LIST_DIR}/backend.c)
set(RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/../composed.c)
foreach(file symmetric drbg curve)
  list(APPEND RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()
set(RK_BACKEND_COMPOSES RK_ALG_HKDF_SHA256 RK_ALG_KBKDF_HMAC RK_ALG_PBKDF2 RK_ALG_TLS12_PRF)
set(RK_BACKEND_PROVIDES
    RK_ALG_CHACHA20_POLY1305 RK_ALG_SHA256 RK_ALG_SHA512 RK_ALG_HMAC_SHA256 RK_ALG_HMAC_SHA512 RK_ALG_CHACHA20_DRBG
    RK_ALG_X25519 RK_ALG_ED25519 ${RK_BACKEND_COMPOSES})
set(RK_BACKEND_DRBG RK_ALG_CHACHA20_DRBG)
set(RK_BACKEND_UPSTREAM_UNSUPPORTED OFF)
set(RK_BACKEND_UPSTREAM_REASON "")
set(RK_BACKEND_CHANGED_LINES "")

# version.h as libsodium's configure would write it.
file(STRINGS ${RK_LIBRARY_SOURCE}/configure.ac rk_lines REGEX "^(AC_INIT|SODIUM_LIBRARY_VERSION_M)")
string(REGEX MATCH "AC_INIT[^0-9]*([0-9.]+)" rk_match "${rk_lines}")
set(VERSION ${CMAKE_MATCH_1})
string(REGEX MATCH "VERSION_MAJOR=([0-9]+)" rk_match "${rk_lines}")
set(SODIUM_LIBRARY_VERSION_MAJOR ${CMAKE_MATCH_1})
string(REGEX MATCH "VERSION_MINOR=([0-9]+)" rk_match "${rk_lines}")
set(SODIUM_LIBRARY_VERSION_MINOR ${CMAKE_MATCH_1})
set(SODIUM_LIBRARY_MINIMAL_DEF "#define SODIUM_LIBRARY_MINIMAL 1")
set(rk_root ${RK_LIBRARY_SOURCE}/src/libsodium)
set(rk_generated ${CMAKE_CURRENT_BINARY_DIR}/generated/libsodium-${RK_LIBRARY_VERSION})
configure_file(${rk_root}/include/sodium/version.h.in ${rk_generated}/sodium/version.h @ONLY)

# libsodium includes its own headers both as "sodium.h" and, inside, as "utils.h".
set(RK_LIBRARY_INCLUDES ${rk_generated} ${rk_generated}/sodium ${rk_root}/include ${rk_root}/include/sodium ${rk_root})
set(RK_LIBRARY_DEFINES CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1 SODIUM_STATIC=1 MINIMAL=1)
if(RK_DEVICE_FAMILY STREQUAL aarch64 OR (RK_DEVICE_FAMILY STREQUAL host AND CMAKE_SIZEOF_VOID_P EQUAL 8))
  list(APPEND RK_LIBRARY_DEFINES HAVE_TI_MODE=1) # limbs of 51 bits, as configure finds out
endif()

set(RK_LIBRARY_SOURCES "")
foreach(file
    crypto_aead/chacha20poly1305/sodium/aead_chacha20poly1305 crypto_auth/hmacsha256/auth_hmacsha256
    crypto_auth/hmacsha512/auth_hmacsha512 crypto_core/ed25519/ref10/ed25519_ref10 crypto_hash/sha256/cp/hash_sha256_cp
    crypto_hash/sha512/cp/hash_sha512_cp crypto_onetimeauth/poly1305/donna/poly1305_donna
    crypto_onetimeauth/poly1305/onetimeauth_poly1305 crypto_sign/ed25519/ref10/keypair crypto_sign/ed25519/ref10/open
    crypto_sign/ed25519/ref10/sign crypto_stream/chacha20/ref/chacha20_ref crypto_stream/chacha20/stream_chacha20
    crypto_verify/sodium/verify)
  list(APPEND RK_LIBRARY_SOURCES ${rk_root}/${file}.c)
endforeach()

function(rk_libsodium_change file)
  rk_changed_copy(copy ${rk_root}/${file} ${ARGN})
  list(TRANSFORM RK_LIBRARY_SOURCES REPLACE "^${rk_root}/${file}$" "${copy}")
  set(RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCES} PARENT_SCOPE)
endfunction()

# avr-gcc copies const data into RAM. The tables of round constants and of multiples of the base point go to flash; what
# takes a pointer to points gets copies of those it asks for.
if(RK_DEVICE_FAMILY STREQUAL avr)
  rk_libsodium_change(crypto_hash/sha256/cp/hash_sha256_cp.c COUNT 1 CHANGES
                      "static const uint32_t Krnd" "static const __flash uint32_t Krnd")
  rk_libsodium_change(crypto_hash/sha512/cp/hash_sha512_cp.c COUNT 1 CHANGES
                      "static const uint64_t Krnd" "static const __flash uint64_t Krnd")
  set(rk_row "base[pos][0]")
  foreach(column RANGE 1 7)
    string(APPEND rk_row ", base[pos][${column}]")
  endforeach()
  rk_libsodium_change(crypto_core/ed25519/ref10/ed25519_ref10.c COUNT 5 CHANGES
                      "static const ge25519_precomp (base|Bi)" "static const __flash ge25519_precomp \\1"
                      "cmov8\\(t, base\\[pos\\], b\\)" "cmov8(t, (const ge25519_precomp[8]){${rk_row}}, b)"
                      "&Bi\\[([^/]*) / 2\\]" "(const ge25519_precomp[1]){Bi[\\1 / 2]}")
  list(APPEND RK_LIBRARY_INCLUDES ${rk_root}/crypto_core/ed25519/ref10)
  set(RK_BACKEND_CHANGED_LINES "hash_sha256_cp.c 1, hash_sha512_cp.c 1 and ed25519_ref10.c 5: tables to flash")
endif()

# 48 KB of flash. What the library writes out, or has in two files, is a function there, which is called: README.md.
if(RK_DEVICE_FAMILY STREQUAL msp430)
  rk_libsodium_change(crypto_hash/sha256/cp/hash_sha256_cp.c COUNT 3 CHANGES
                      "#define (RNDr|MSCH)\\(" "#define INLINE_\\1("
                      "static void\nSHA256_Transform"
                      "#include \"backends/libsodium/sha256_called.h\"\nstatic void\nSHA256_Transform")
  set(RK_BACKEND_CHANGED_LINES "hash_sha256_cp.c 3: its rounds and its schedule are functions")
  list(REMOVE_ITEM RK_LIBRARY_SOURCES ${rk_root}/crypto_core/ed25519/ref10/ed25519_ref10.c
       ${rk_root}/crypto_stream/chacha20/ref/chacha20_ref.c)
  set(rk_ours field_called chacha20_called)
else()
  set(rk_ours ladder)
endif()

# Ours: the ladder without the table of the base point, and what utils.c and randombytes.c would give.
foreach(file ${rk_ours} support)
  list(APPEND RK_LIBRARY_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()
