/* engine/lifecycle/scheme.h - the standards' names for what the mechanisms do, and which KDF serves which purpose
 *
 * Model:  a derivation function follows from what its secret is; exchange.c states the purpose and gets the function, so
 *         no other can be had. Labels and contexts: DESIGN.md. Names of ISO/IEC 11770 mechanisms say "assumed" where
 *         they are our reading by what the mechanism does: the numbering is from memory.
 * Source: SP 800-108 (from a key-derivation key), SP 800-56C (from a shared secret), SP 800-132 (from a password, for
 *         stored data), SP 800-135 (TLS 1.2); SP 800-56A Rev. 3 section 6; SP 800-57 Part 1, 8.2.3 (terms);
 *         ISO/IEC 11770-2 (symmetric techniques) and -3 (asymmetric).
 */
#ifndef ENGINE_LIFECYCLE_SCHEME_H
#define ENGINE_LIFECYCLE_SCHEME_H

#include <stdbool.h>
#include <stdint.h>

/* What a key is derived from. */
enum rk_kdf_purpose {
    RK_KDF_DERIVATION_KEY, /* a key-derivation key: uniformly random already */
    RK_KDF_SHARED_SECRET,  /* of a key agreement: not uniform, so it is extracted first */
    RK_KDF_PASSWORD,       /* for keys of stored data alone */
    RK_KDF_TLS12,          /* the premaster secret of a TLS 1.2 session */
    RK_KDF_PURPOSE_COUNT   /* none: the key is drawn, not derived */
};

/* out: the algorithm (enum rk_alg) for it; RK_ALG_COUNT for none. */
uint8_t rk_kdf_for(uint8_t purpose);
/* out: whether the purpose's standard has this algorithm. False for what it does not name. */
bool rk_kdf_permitted(uint8_t purpose, uint8_t alg);
const char *rk_kdf_standard(unsigned purpose); /* "SP 800-108"; NULL outside */

/* One mechanism in the standards' words. */
struct rk_scheme {
    const char *nist;           /* "SP 800-56A C(2e, 0s, ECC DH)" */
    const char *iso;            /* "ISO/IEC 11770-3 key agreement mechanism 4" */
    bool iso_assumed;           /* our reading of the standard */
    const char *authentication; /* of the entities: by what R1 and R2 prove who made them */
    const char *freshness;      /* what makes the key new, and to whom */
    const char *term;           /* SP 800-57 8.2.3: "rekey", "key update", "key derivation" */
    uint8_t kdf_purpose;        /* enum rk_kdf_purpose */
    bool confirmed_by_server;   /* key confirmation: R2's tag */
    bool confirmed_by_device;   /* and R3's: bilateral */
};

/* out: whether there is such a mechanism (enum rk_mechanism). */
bool rk_scheme_of(unsigned mechanism, struct rk_scheme *scheme);

#endif
