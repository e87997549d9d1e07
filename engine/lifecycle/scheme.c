#include "engine/lifecycle/scheme.h"

#include <stddef.h>

#include "backends/backend.h"
#include "engine/lifecycle/policy.h"

uint8_t rk_kdf_for(uint8_t purpose)
{
    if (purpose == RK_KDF_SHARED_SECRET)
        return RK_ALG_HKDF_SHA256;
    if (purpose == RK_KDF_DERIVATION_KEY)
        return RK_ALG_KBKDF_HMAC;
    if (purpose == RK_KDF_PASSWORD)
        return RK_ALG_PBKDF2;
    return purpose == RK_KDF_TLS12 ? RK_ALG_TLS12_PRF : RK_ALG_COUNT;
}

/* SP 800-108 has the counter mode over CMAC, too. */
bool rk_kdf_permitted(uint8_t purpose, uint8_t alg)
{
    if (purpose >= RK_KDF_PURPOSE_COUNT)
        return false;
    return alg == rk_kdf_for(purpose) || (purpose == RK_KDF_DERIVATION_KEY && alg == RK_ALG_KBKDF_CMAC);
}

const char *rk_kdf_standard(unsigned purpose)
{
    switch (purpose) {
    case RK_KDF_DERIVATION_KEY:
        return "SP 800-108";
    case RK_KDF_SHARED_SECRET:
        return "SP 800-56C";
    case RK_KDF_PASSWORD:
        return "SP 800-132";
    case RK_KDF_TLS12:
        return "SP 800-135";
    default:
        return NULL;
    }
}

static void from_agreement(struct rk_scheme *scheme, unsigned mechanism)
{
    bool ephemeral = mechanism == RK_MECHANISM_ECDH;
    scheme->kdf_purpose = RK_KDF_SHARED_SECRET;
    scheme->nist = ephemeral ? "SP 800-56A C(2e, 0s, ECC DH)" : "SP 800-56A C(1e, 1s, ECC DH)";
    scheme->iso = ephemeral ? "ISO/IEC 11770-3 key agreement mechanism 4" : "ISO/IEC 11770-3 key agreement mechanism 2";
    scheme->authentication = ephemeral ? "MAC of R1 and salt under a shared authentication key"
                                       : "MAC of R1 and salt under a shared authentication key; server's static key";
    scheme->freshness = ephemeral ? "ephemeral keys of both" : "device's ephemeral key, server's nonce";
    scheme->term = "rekey";
}

static void from_key(struct rk_scheme *scheme, unsigned mechanism)
{
    bool from_old_key = mechanism == RK_MECHANISM_REFRESH || mechanism == RK_MECHANISM_UPDATE;
    bool nonces = mechanism == RK_MECHANISM_REFRESH || mechanism == RK_MECHANISM_DERIVE;
    scheme->kdf_purpose = RK_KDF_DERIVATION_KEY;
    scheme->nist = from_old_key ? "SP 800-57 8.2.3 key update by SP 800-108: not allowed for federal use"
                                : "SP 800-108 from a key-derivation key";
    scheme->iso = "ISO/IEC 11770-2 key establishment mechanism 1";
    scheme->authentication = "MAC of R1 under a shared authentication key, confirmation under the new key";
    scheme->freshness = nonces ? "nonces of both" : "the key's id, which only grows";
    scheme->term = from_old_key ? "key update" : "key derivation";
}

bool rk_scheme_of(unsigned mechanism, struct rk_scheme *scheme)
{
    *scheme = (struct rk_scheme){.iso_assumed = true, .confirmed_by_server = true, .confirmed_by_device = true};
    switch (mechanism) {
    case RK_MECHANISM_ECDH:
    case RK_MECHANISM_STATIC:
        from_agreement(scheme, mechanism);
        return true;
    case RK_MECHANISM_DERIVE:
    case RK_MECHANISM_REFRESH:
    case RK_MECHANISM_UPDATE:
    case RK_MECHANISM_COUNTER:
        from_key(scheme, mechanism);
        return true;
    case RK_MECHANISM_TRANSPORT:
        scheme->kdf_purpose = RK_KDF_PURPOSE_COUNT;
        scheme->nist = "SP 800-133 random key, SP 800-38F AES-KW";
        scheme->iso = "ISO/IEC 11770-2 key establishment mechanism 4";
        scheme->authentication = "MAC of R1 under a shared authentication key, confirmation under the new key";
        scheme->freshness = "server's generator; to the device by its nonce, which R2's tag covers";
        scheme->term = "rekey";
        return true;
    default:
        return false;
    }
}
