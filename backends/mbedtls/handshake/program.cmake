# mbedTLS behind backends/handshake/handshake.h. Read by devices/firmware/handshake/CMakeLists.txt.
if(RK_LIBRARY_VERSION VERSION_LESS 3.6)
  message(FATAL_ERROR "error: handshakes need mbedTLS 3.6")
endif()
set(RK_HANDSHAKE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/handshake.c ${CMAKE_CURRENT_LIST_DIR}/counts.c)
set(RK_HANDSHAKE_WRAPS
    mbedtls_ecdh_make_params mbedtls_ecdh_make_public mbedtls_ecdh_calc_secret psa_generate_key mbedtls_psa_mac_sign_finish
    mbedtls_psa_mac_compute
    mbedtls_ecdsa_write_signature mbedtls_ecdsa_read_signature mbedtls_cipher_auth_encrypt_ext
    mbedtls_cipher_auth_decrypt_ext mbedtls_md_hmac_finish mbedtls_sha256_finish mbedtls_sha256)
set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE}/include)
set(RK_LIBRARY_DEFINES MBEDTLS_CONFIG_FILE="backends/mbedtls/handshake/config.h")
file(GLOB RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/library/*.c)
list(FILTER RK_LIBRARY_SOURCES EXCLUDE REGEX "/(net_sockets|timing|entropy_poll|psa_its_file|error|version_features)\\.c$")
