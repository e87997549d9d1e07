/* backends/operation.h - the operations that can be called and measured, by their field names
 *
 * One list serves the firmware's dispatcher, the bench, `call`, `describe operation` and the reports.
 * RK_OPERATIONS(X): X(name, algorithm, inputs, outputs, default sizes, help)
 *   inputs, outputs  comma-separated names, in the order in which the mailbox carries them
 *   sizes            bytes of the variable input, comma-separated; "0" when the operation has none
 * Lifecycle operations come from the image `lifecycle`; every other operation has an image of its own, so that flash,
 * static RAM and stack are those of this operation alone.
 */
#ifndef BACKENDS_OPERATION_H
#define BACKENDS_OPERATION_H

#define RK_OPERATIONS(X)                                                                                               \
    X(aes128_ccm_seal, RK_ALG_AES128_CCM, "key,nonce,aad,plaintext", "ciphertext,tag", "16,32,64", "tag 16")           \
    X(aes128_ccm_open, RK_ALG_AES128_CCM, "key,nonce,aad,ciphertext,tag", "plaintext", "16,32,64", "tag 16")           \
    X(aes128_ccm_8_seal, RK_ALG_AES128_CCM, "key,nonce,aad,plaintext", "ciphertext,tag", "16,32,64", "tag 8")          \
    X(aes128_ccm_8_open, RK_ALG_AES128_CCM, "key,nonce,aad,ciphertext,tag", "plaintext", "16,32,64", "tag 8")          \
    X(chacha20_poly1305_seal, RK_ALG_CHACHA20_POLY1305, "key,nonce,aad,plaintext", "ciphertext,tag", "16,32,64", "")   \
    X(chacha20_poly1305_open, RK_ALG_CHACHA20_POLY1305, "key,nonce,aad,ciphertext,tag", "plaintext", "16,32,64", "")   \
    X(sha256, RK_ALG_SHA256, "message", "digest", "32,64,128", "")                                                     \
    X(hmac_sha256, RK_ALG_HMAC_SHA256, "key,message", "mac", "32,64,128", "key 32 bytes when measured")                \
    X(hkdf_sha256, RK_ALG_HKDF_SHA256, "salt,secret,info,length", "key", "16,32", "length: 2 bytes, little endian")    \
    X(ctr_drbg_generate, RK_ALG_CTR_DRBG, "entropy,length", "random", "16,32", "instantiation is outside the region")  \
    X(hmac_drbg_generate, RK_ALG_HMAC_DRBG, "entropy,length", "random", "16,32", "")                                   \
    X(hash_drbg_generate, RK_ALG_HASH_DRBG, "entropy,length", "random", "16,32", "")                                   \
    X(chacha20_drbg_generate, RK_ALG_CHACHA20_DRBG, "entropy,length", "random", "16,32", "not an SP 800-90A DRBG")     \
    X(x25519_key_pair, RK_ALG_X25519, "entropy", "private,public", "0", "DRBG seeded outside the region")              \
    X(x25519_agree, RK_ALG_X25519, "entropy,private,peer_public", "secret", "0", "")                                   \
    X(p256_key_pair, RK_ALG_P256, "entropy", "private,public", "0", "")                                                \
    X(p256_agree, RK_ALG_P256, "entropy,private,peer_public", "secret", "0", "")                                       \
    X(aes_key_wrap, RK_ALG_AES_KEY_WRAP, "kek,key", "wrapped", "16,32", "RFC 3394")                                    \
    X(aes_key_unwrap, RK_ALG_AES_KEY_WRAP, "kek,wrapped", "key", "16,32", "size is that of the key")                   \
    X(drbg_init, RK_ALG_COUNT, "entropy", "", "0", "instantiation of the backend's default DRBG")                      \
    X(key_generate, RK_ALG_COUNT, "entropy", "", "0", "lifecycle: new key into pre-activation")                        \
    X(key_establish, RK_ALG_COUNT, "entropy,mechanism", "", "0", "lifecycle: the device's share of one establishment") \
    X(key_store, RK_ALG_COUNT, "entropy", "", "0", "lifecycle: seal a key record and commit it to NVM")                \
    X(key_activate, RK_ALG_COUNT, "entropy", "", "0", "lifecycle: pre-activation to active, with commit")              \
    X(key_renew, RK_ALG_COUNT, "entropy,mechanism", "", "0", "lifecycle: renewal by make-before-break, device side")   \
    X(key_destroy, RK_ALG_COUNT, "entropy", "", "0", "lifecycle: wipe in RAM and NVM")

enum rk_operation {
#define RK_OPERATION_ENUM(name, alg, in, out, sizes, help) RK_OP_##name,
    RK_OPERATIONS(RK_OPERATION_ENUM)
#undef RK_OPERATION_ENUM
        RK_OP_lifecycle_step, /* one event into the agent, its actions out: emulated execution (engine/lifecycle/agent.h) */
    RK_OP_empty,              /* an empty region: the harness measures itself */
    RK_OP_COUNT
};

#endif
