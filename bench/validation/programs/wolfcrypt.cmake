# The parts of wolfCrypt that programs/wolfcrypt_*.c call. RK_VARIANT: small, thumb.
set(RK_LIBRARY_SOURCES "")
foreach(file aes asn chacha chacha20_poly1305 coding ecc hash hmac memory misc poly1305 random rsa sha256 sp_c32 sp_int
             sp_armthumb wc_port wolfmath)
  list(APPEND RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/wolfcrypt/src/${file}.c)
endforeach()
set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE} ${CMAKE_CURRENT_LIST_DIR})
file(WRITE ${CMAKE_BINARY_DIR}/settings/user_settings.h "#include \"bench/validation/programs/wolfcrypt.h\"\n")
list(APPEND RK_LIBRARY_INCLUDES ${CMAKE_BINARY_DIR}/settings)
set(RK_LIBRARY_DEFINES WOLFSSL_USER_SETTINGS)
if(RK_VARIANT)
  string(TOUPPER RK_SP_${RK_VARIANT} variant)
  list(APPEND RK_LIBRARY_DEFINES ${variant})
endif()
