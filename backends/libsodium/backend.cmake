# libsodium behind backends/backend.h. Read by devices/firmware/CMakeLists.txt; variables: backends/README.md.
set(RK_BACKEND_SOURCES "")
foreach(file backend symmetric drbg)
  list(APPEND RK_BACKEND_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()
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
if(RK_DEVICE_FAMILY STREQUAL host AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  list(APPEND RK_LIBRARY_DEFINES HAVE_TI_MODE=1) # 64-bit limbs, as configure finds out
endif()

# x25519.c and support.c are ours: the ladder without the Edwards table, and what utils.c and randombytes.c would give.
set(RK_LIBRARY_SOURCES ${CMAKE_CURRENT_LIST_DIR}/x25519.c ${CMAKE_CURRENT_LIST_DIR}/support.c)
foreach(file
    crypto_aead/chacha20poly1305/sodium/aead_chacha20poly1305 crypto_auth/hmacsha256/auth_hmacsha256
    crypto_core/ed25519/ref10/ed25519_ref10 crypto_hash/sha256/cp/hash_sha256_cp
    crypto_onetimeauth/poly1305/donna/poly1305_donna crypto_onetimeauth/poly1305/onetimeauth_poly1305
    crypto_stream/chacha20/ref/chacha20_ref crypto_stream/chacha20/stream_chacha20 crypto_verify/sodium/verify)
  list(APPEND RK_LIBRARY_SOURCES ${rk_root}/${file}.c)
endforeach()
