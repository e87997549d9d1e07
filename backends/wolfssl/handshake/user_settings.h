/* backends/wolfssl/handshake/user_settings.h - wolfSSL 5.7 with its TLS and DTLS, over the primitives of ../user_settings.h
 *
 * What a device's client needs for the suites of backends/handshake/handshake.h and nothing more; the server's half on the
 * host only. No clock: certificates are not checked against the date, and timers of DTLS stand still.
 */
#ifndef BACKENDS_WOLFSSL_HANDSHAKE_USER_SETTINGS_H
#define BACKENDS_WOLFSSL_HANDSHAKE_USER_SETTINGS_H

#include "backends/wolfssl/user_settings.h"

#undef WOLFCRYPT_ONLY
#undef NO_ASN
#undef NO_CERTS
#undef NO_CODING
#undef NO_SIG_WRAPPER
#undef NO_AES_CBC
#undef HAVE_CHACHA
#undef HAVE_POLY1305
#undef HAVE_CURVE25519
#undef HAVE_AES_KEYWRAP
#undef WOLFSSL_CMAC

#define HAVE_AES_CBC
#define HAVE_TLS_EXTENSIONS
#define HAVE_SUPPORTED_CURVES
#define HAVE_EXTENDED_MASTER
#define HAVE_KEYING_MATERIAL
#define WOLFSSL_STATIC_PSK
#define WOLFSSL_TLS13
#define WOLFSSL_DTLS
#define WOLFSSL_DTLS13
#define WOLFSSL_SEND_HRR_COOKIE
#define WOLFSSL_32BIT_MILLI_TIME
#define HAVE_RPK
#define WOLFSSL_ALWAYS_VERIFY_CB
#define HAVE_SESSION_TICKET
#undef NO_SESSION_CACHE
#define MICRO_SESSION_CACHE
#define NO_SESSION_CACHE_REF
#undef NO_ASN_TIME /* that takes sessions away, too */
#define NO_ASN_TIME_CHECK
#define NO_CLIENT_CACHE
#define NO_PWDBASED
#define USER_TICKS
#define XTIME(seconds) 0
#define NO_ERROR_QUEUE
#define WOLFSSL_NO_ATOMICS
#ifdef __linux__
#define HAVE_AESGCM /* a server's tickets */
#else
#define NO_WOLFSSL_SERVER
#endif

#endif
