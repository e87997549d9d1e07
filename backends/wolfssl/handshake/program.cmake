# wolfSSL behind backends/handshake/handshake.h. Read by devices/firmware/handshake/CMakeLists.txt.
if(RK_LIBRARY_VERSION VERSION_LESS 5.7)
  message(FATAL_ERROR "error: handshakes need wolfSSL 5.7")
endif()
set(RK_HANDSHAKE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/handshake.c ${CMAKE_CURRENT_LIST_DIR}/counts.c)
set(RK_HANDSHAKE_WRAPS
    wc_ecc_make_key_ex wc_ecc_shared_secret wc_ecc_sign_hash wc_ecc_verify_hash wc_AesCcmEncrypt wc_AesCcmEncrypt_ex wc_AesCcmDecrypt
    wc_HmacFinal wc_HKDF_Extract wc_HKDF_Extract_ex wc_HKDF_Expand wc_HKDF_Expand_ex wc_Sha256Final
    wc_Sha256GetHash)
set(RK_LIBRARY_INCLUDES ${CMAKE_CURRENT_LIST_DIR} ${RK_LIBRARY_SOURCE})
set(RK_LIBRARY_DEFINES WOLFSSL_USER_SETTINGS)
set(RK_LIBRARY_SOURCES "")
foreach(file dtls dtls13 internal keys ssl tls tls13 wolfio)
  list(APPEND RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/src/${file}.c)
endforeach()
foreach(file aes asn coding ecc error hash hmac kdf logging memory random sha256 sp_c32 sp_c64 sp_cortexm sp_int
             wc_encrypt wc_port wolfmath)
  list(APPEND RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/wolfcrypt/src/${file}.c)
endforeach()
