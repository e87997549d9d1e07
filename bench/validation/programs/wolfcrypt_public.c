/* RSA-2048 public and private (PKCS#1 v1.5), P-256 key pair, agreement, ECDSA sign and verify in regions 0 to 5. What
 * fails leaves its region out. */
#include "bench/rsa_keys.h"
#include "devices/firmware/region.h"
#include "wolfssl/wolfcrypt/settings.h"
#include "wolfssl/wolfcrypt/ecc.h"
#include "wolfssl/wolfcrypt/random.h"
#include "wolfssl/wolfcrypt/rsa.h"

enum { N_bytes = 256, P_bytes = 128, KEY_bytes = 2 * N_bytes + 5 * P_bytes, DIGEST_bytes = 32 };

static WC_RNG rng;
static unsigned char message[DIGEST_bytes], cipher[N_bytes], plain[N_bytes];

int rk_validation_seed(unsigned char *output, unsigned int bytes)
{
    static unsigned char next;
    for (unsigned int i = 0; i < bytes; i++) {
        output[i] = (unsigned char)(i * 29u + next++);
    }
    return 0;
}

static unsigned char nibble(char digit)
{
    return (unsigned char)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static void rsa(void)
{
    static const char text[] = RK_RSA2048_N RK_RSA2048_REST;
    static unsigned char number[KEY_bytes];
    static RsaKey key;
    static const unsigned char exponent[3] = {1, 0, 1};
    const struct {
        mp_int *to;
        int bytes;
    } parts[] = {{&key.n, N_bytes},  {&key.d, N_bytes},  {&key.p, P_bytes}, {&key.q, P_bytes},
                 {&key.dP, P_bytes}, {&key.dQ, P_bytes}, {&key.u, P_bytes}};
    const unsigned char *from = number;
    for (int i = 0; i < KEY_bytes; i++) {
        number[i] = (unsigned char)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    }
    wc_InitRsaKey(&key, NULL);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        mp_read_unsigned_bin(parts[i].to, from, parts[i].bytes);
        from += parts[i].bytes;
    }
    mp_read_unsigned_bin(&key.e, exponent, sizeof exponent);
    key.type = RSA_PRIVATE;
    wc_RsaSetRNG(&key, &rng);
    RK_REGION_START(0);
    int bytes = wc_RsaPublicEncrypt(message, sizeof message, cipher, sizeof cipher, &key, &rng);
    RK_REGION_STOP(0);
    if (bytes != N_bytes) {
        return;
    }
    RK_REGION_START(1);
    wc_RsaPrivateDecrypt(cipher, sizeof cipher, plain, sizeof plain, &key);
    RK_REGION_STOP(1);
}

static void p256(void)
{
    static ecc_key own, peer;
    static unsigned char secret[32], signature[80];
    word32 bytes = sizeof secret;
    int valid = 0;
    wc_ecc_init(&own);
    wc_ecc_init(&peer);
    if (wc_ecc_make_key_ex(&rng, 32, &peer, ECC_SECP256R1) != 0) {
        return;
    }
    RK_REGION_START(2);
    wc_ecc_make_key_ex(&rng, 32, &own, ECC_SECP256R1);
    RK_REGION_STOP(2);
    wc_ecc_set_rng(&own, &rng);
    RK_REGION_START(3);
    wc_ecc_shared_secret(&own, &peer, secret, &bytes);
    RK_REGION_STOP(3);
    bytes = sizeof signature;
    RK_REGION_START(4);
    wc_ecc_sign_hash(message, sizeof message, signature, &bytes, &rng, &own);
    RK_REGION_STOP(4);
    if (wc_ecc_verify_hash(signature, bytes, message, sizeof message, &valid, &own) == 0 && valid == 1) {
        RK_REGION_START(5);
        wc_ecc_verify_hash(signature, bytes, message, sizeof message, &valid, &own);
        RK_REGION_STOP(5);
    }
}

int main(void)
{
    for (int i = 0; i < DIGEST_bytes; i++) {
        message[i] = (unsigned char)(i * 11 + 1);
    }
    if (wc_InitRng(&rng) == 0) {
        rsa();
        p256();
    }
    RK_REGION_EXIT();
    return plain[0];
}
