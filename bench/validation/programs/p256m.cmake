# p256-m as mbedTLS 3.6 carries it.
set(RK_LIBRARY_SOURCES ${RK_LIBRARY_SOURCE}/3rdparty/p256-m/p256-m/p256-m.c)
set(RK_LIBRARY_INCLUDES ${RK_LIBRARY_SOURCE}/include ${RK_LIBRARY_SOURCE}/3rdparty/p256-m/p256-m)
set(RK_LIBRARY_DEFINES MBEDTLS_CONFIG_FILE="bench/validation/programs/p256m.h")
