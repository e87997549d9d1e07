/* ML-KEM of wolfCrypt 5.7, a part of the library: its code, with the settings of mlkem.c.
 *
 * SHA-3 would enlarge the contexts of HMAC, so it is configured here alone: the hash functions are compiled once more,
 * private to this file. ML-KEM's own are the library's like any other, and none is inlined into the adapter.
 */
#define RKI_WOLFSSL_MLKEM
#include "wolfssl/wolfcrypt/settings.h"

#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/logging.h"

#include "backends/wolfssl/private_part.h"

#include "wolfssl/wolfcrypt/hash.h"
#include "wolfssl/wolfcrypt/sha3.h"

#include "wolfcrypt/src/hash.c"
#include "wolfcrypt/src/sha3.c"

#undef WOLFSSL_API
#define WOLFSSL_API

#include "wolfssl/wolfcrypt/kyber.h"
#include "wolfssl/wolfcrypt/wc_kyber.h"

#include "wolfcrypt/src/wc_kyber.c"
#include "wolfcrypt/src/wc_kyber_poly.c"
