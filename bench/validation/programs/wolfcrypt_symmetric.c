/* One block of 1024 bytes, as wolfCrypt's benchmark takes them: AES-128-CBC, AES-256-CBC, ChaCha20, ChaCha20-Poly1305,
 * Poly1305, SHA-256, HMAC-SHA-256 in regions 0 to 6. Keys are set outside, as there. */
#include "devices/firmware/region.h"
#include "wolfssl/wolfcrypt/settings.h"
#include "wolfssl/wolfcrypt/aes.h"
#include "wolfssl/wolfcrypt/chacha.h"
#include "wolfssl/wolfcrypt/chacha20_poly1305.h"
#include "wolfssl/wolfcrypt/hmac.h"
#include "wolfssl/wolfcrypt/poly1305.h"
#include "wolfssl/wolfcrypt/sha256.h"

enum { BLOCK_bytes = 1024 };

static unsigned char in[BLOCK_bytes], out[BLOCK_bytes];
static unsigned char key[32], iv[16], tag[32];

int rk_validation_seed(unsigned char *output, unsigned int bytes)
{
    for (unsigned int i = 0; i < bytes; i++) {
        output[i] = (unsigned char)(i * 29u + 3u);
    }
    return 0;
}

static void aes_cbc(void)
{
    static Aes aes;
    wc_AesSetKey(&aes, key, 16, iv, AES_ENCRYPTION);
    RK_REGION_START(0);
    wc_AesCbcEncrypt(&aes, out, in, BLOCK_bytes);
    RK_REGION_STOP(0);
    wc_AesSetKey(&aes, key, 32, iv, AES_ENCRYPTION);
    RK_REGION_START(1);
    wc_AesCbcEncrypt(&aes, out, in, BLOCK_bytes);
    RK_REGION_STOP(1);
}

static void chacha_poly(void)
{
    static ChaCha chacha;
    static Poly1305 poly;
    wc_Chacha_SetKey(&chacha, key, 32);
    RK_REGION_START(2);
    wc_Chacha_SetIV(&chacha, iv, 0);
    wc_Chacha_Process(&chacha, out, in, BLOCK_bytes);
    RK_REGION_STOP(2);
    RK_REGION_START(3);
    wc_ChaCha20Poly1305_Encrypt(key, iv, NULL, 0, in, BLOCK_bytes, out, tag);
    RK_REGION_STOP(3);
    wc_Poly1305SetKey(&poly, key, 32);
    RK_REGION_START(4);
    wc_Poly1305Update(&poly, in, BLOCK_bytes);
    wc_Poly1305Final(&poly, tag);
    RK_REGION_STOP(4);
}

static void hashes(void)
{
    static wc_Sha256 sha256;
    static Hmac hmac;
    wc_InitSha256(&sha256);
    RK_REGION_START(5);
    wc_Sha256Update(&sha256, in, BLOCK_bytes);
    RK_REGION_STOP(5);
    wc_HmacInit(&hmac, NULL, 0);
    wc_HmacSetKey(&hmac, WC_SHA256, key, 32);
    RK_REGION_START(6);
    wc_HmacUpdate(&hmac, in, BLOCK_bytes);
    RK_REGION_STOP(6);
}

int main(void)
{
    for (int i = 0; i < BLOCK_bytes; i++) {
        in[i] = (unsigned char)(i * 5);
    }
    aes_cbc();
    chacha_poly();
    hashes();
    RK_REGION_EXIT();
    return tag[0];
}
