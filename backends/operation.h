/* backends/operation.h - the operations that can be called and measured, by their field names
 *
 * One list serves the firmware's dispatcher, the bench, `call`, `describe operation` and the reports.
 * RK_SHAPES(S): S(shape, inputs, outputs): comma-separated names, in the order in which the mailbox carries them.
 * RK_OPERATIONS(X): X(name, algorithm, shape, key, variant, sizes, least class, help)
 *   key      bytes of the key when it is measured; 0 when the algorithm fixes it
 *   variant  SEAL, OPEN: bytes of the tag; ENCRYPT, DECRYPT: 1 for OAEP; PAKE_*: enum rk_pake_step
 *   sizes    bytes of the variable input, comma-separated; "0" when the operation has none
 *   least    the operation is measured on devices of this class (the paper's, C0 to C3) and above
 * Lifecycle operations share the image `key`, those of backup `key_backup`; every other operation has an image of its
 * own, so that flash, static RAM and stack are those of this operation alone. The bench draws inputs by an operation's
 * number: new ones go to the end.
 * Groups (engine/lifecycle/group.h): the size is the height of a binary tree. `tree` is group id 4, degree 4, place 4,
 * height 1, bytes of a tag 1, numbers as in frames; variant is enum rk_group_case; the output is the member's group
 * key, zero where it has none yet.
 */
#ifndef BACKENDS_OPERATION_H
#define BACKENDS_OPERATION_H

#define RK_SHAPES(S)                                                                                                   \
    S(SEAL, "key,nonce,aad,plaintext", "ciphertext,tag")                                                               \
    S(OPEN, "key,nonce,aad,ciphertext,tag", "plaintext")                                                               \
    S(HASH, "message", "digest")                                                                                       \
    S(MAC, "key,message", "mac")                                                                                       \
    S(HKDF, "salt,secret,info,length", "key")                                                                          \
    S(KBKDF, "secret,label,context,length", "key")                                                                     \
    S(PBKDF2, "password,salt,iterations,length", "key")                                                                \
    S(PRF, "secret,label,seed,length", "key")                                                                          \
    S(GENERATE, "entropy,length", "random")                                                                            \
    S(INIT, "entropy", "")                                                                                             \
    S(KEY_PAIR, "entropy", "private,public")                                                                           \
    S(AGREE, "entropy,private,peer_public", "secret")                                                                  \
    S(SIGN, "entropy,private,public,message", "signature")                                                             \
    S(VERIFY, "public,message,signature", "")                                                                          \
    S(ENCRYPT, "entropy,public,plaintext", "ciphertext")                                                               \
    S(DECRYPT, "entropy,private,ciphertext", "plaintext")                                                              \
    S(PAKE_ONE, "entropy,password", "round_one")                                                                       \
    S(PAKE_TWO, "entropy,password,peer_round_one", "round_two")                                                        \
    S(PAKE_SECRET, "entropy,password,peer_round_one,peer_round_two", "secret")                                         \
    S(ENCAPSULATE, "entropy,peer_public", "ciphertext,secret")                                                         \
    S(DECAPSULATE, "private,ciphertext", "secret")                                                                     \
    S(WRAP, "kek,key", "wrapped")                                                                                      \
    S(UNWRAP, "kek,wrapped", "key")                                                                                    \
    S(LIFECYCLE, "entropy", "")                                                                                        \
    S(LIFECYCLE_BY, "entropy,mechanism", "")                                                                           \
    S(GROUP, "tree,key,frame", "key")

#define RK_OPERATIONS(X)                                                                                               \
    X(aes128_ccm_seal, RK_ALG_AES_CCM, SEAL, 16, 16, "16,32,64", 0, "tag 16")                                          \
    X(aes128_ccm_open, RK_ALG_AES_CCM, OPEN, 16, 16, "16,32,64", 0, "tag 16")                                          \
    X(aes128_ccm_8_seal, RK_ALG_AES_CCM, SEAL, 16, 8, "16,32,64", 0, "tag 8")                                          \
    X(aes128_ccm_8_open, RK_ALG_AES_CCM, OPEN, 16, 8, "16,32,64", 0, "tag 8")                                          \
    X(aes128_ccm_4_seal, RK_ALG_AES_CCM, SEAL, 16, 4, "32", 0, "tag 4")                                                \
    X(aes128_ccm_4_open, RK_ALG_AES_CCM, OPEN, 16, 4, "32", 0, "tag 4")                                                \
    X(aes128_gcm_seal, RK_ALG_AES_GCM, SEAL, 16, 16, "16,32,64", 0, "tag 16")                                          \
    X(aes128_gcm_open, RK_ALG_AES_GCM, OPEN, 16, 16, "16,32,64", 0, "tag 16")                                          \
    X(aes192_ccm_seal, RK_ALG_AES_CCM, SEAL, 24, 16, "32", 0, "tag 16")                                                \
    X(aes192_ccm_open, RK_ALG_AES_CCM, OPEN, 24, 16, "32", 0, "tag 16")                                                \
    X(aes192_ccm_8_seal, RK_ALG_AES_CCM, SEAL, 24, 8, "32", 0, "tag 8")                                                \
    X(aes192_ccm_8_open, RK_ALG_AES_CCM, OPEN, 24, 8, "32", 0, "tag 8")                                                \
    X(aes192_ccm_4_seal, RK_ALG_AES_CCM, SEAL, 24, 4, "32", 0, "tag 4")                                                \
    X(aes192_ccm_4_open, RK_ALG_AES_CCM, OPEN, 24, 4, "32", 0, "tag 4")                                                \
    X(aes192_gcm_seal, RK_ALG_AES_GCM, SEAL, 24, 16, "32", 0, "tag 16")                                                \
    X(aes192_gcm_open, RK_ALG_AES_GCM, OPEN, 24, 16, "32", 0, "tag 16")                                                \
    X(aes256_ccm_seal, RK_ALG_AES_CCM, SEAL, 32, 16, "32", 0, "tag 16")                                                \
    X(aes256_ccm_open, RK_ALG_AES_CCM, OPEN, 32, 16, "32", 0, "tag 16")                                                \
    X(aes256_ccm_8_seal, RK_ALG_AES_CCM, SEAL, 32, 8, "32", 0, "tag 8")                                                \
    X(aes256_ccm_8_open, RK_ALG_AES_CCM, OPEN, 32, 8, "32", 0, "tag 8")                                                \
    X(aes256_ccm_4_seal, RK_ALG_AES_CCM, SEAL, 32, 4, "32", 0, "tag 4")                                                \
    X(aes256_ccm_4_open, RK_ALG_AES_CCM, OPEN, 32, 4, "32", 0, "tag 4")                                                \
    X(aes256_gcm_seal, RK_ALG_AES_GCM, SEAL, 32, 16, "32", 0, "tag 16")                                                \
    X(aes256_gcm_open, RK_ALG_AES_GCM, OPEN, 32, 16, "32", 0, "tag 16")                                                \
    X(chacha20_poly1305_seal, RK_ALG_CHACHA20_POLY1305, SEAL, 32, 16, "16,32,64", 0, "tag 16")                         \
    X(chacha20_poly1305_open, RK_ALG_CHACHA20_POLY1305, OPEN, 32, 16, "16,32,64", 0, "tag 16")                         \
    X(ascon_aead128_seal, RK_ALG_ASCON_AEAD128, SEAL, 16, 16, "16,32,64", 0, "tag 16")                                 \
    X(ascon_aead128_open, RK_ALG_ASCON_AEAD128, OPEN, 16, 16, "16,32,64", 0, "tag 16")                                 \
    X(sha1, RK_ALG_SHA1, HASH, 0, 0, "64", 0, "legacy: not for signatures")                                            \
    X(sha256, RK_ALG_SHA256, HASH, 0, 0, "32,64,128", 0, "")                                                           \
    X(sha384, RK_ALG_SHA384, HASH, 0, 0, "64", 0, "")                                                                  \
    X(sha512, RK_ALG_SHA512, HASH, 0, 0, "64", 0, "")                                                                  \
    X(ascon_hash256, RK_ALG_ASCON_HASH256, HASH, 0, 0, "32,64,128", 0, "")                                             \
    X(hmac_sha1, RK_ALG_HMAC_SHA1, MAC, 32, 0, "64", 0, "legacy; key 32 bytes when measured")                          \
    X(hmac_sha256, RK_ALG_HMAC_SHA256, MAC, 32, 0, "32,64,128", 0, "key 32 bytes when measured")                       \
    X(hmac_sha384, RK_ALG_HMAC_SHA384, MAC, 32, 0, "64", 0, "key 32 bytes when measured")                              \
    X(hmac_sha512, RK_ALG_HMAC_SHA512, MAC, 32, 0, "64", 0, "key 32 bytes when measured")                              \
    X(aes128_cmac, RK_ALG_AES_CMAC, MAC, 16, 0, "16,64", 0, "")                                                        \
    X(aes192_cmac, RK_ALG_AES_CMAC, MAC, 24, 0, "64", 0, "")                                                           \
    X(aes256_cmac, RK_ALG_AES_CMAC, MAC, 32, 0, "64", 0, "")                                                           \
    X(hkdf_sha256, RK_ALG_HKDF_SHA256, HKDF, 0, 0, "16,32", 0, "length: 2 bytes, little endian")                       \
    X(kbkdf_hmac_sha256, RK_ALG_KBKDF_HMAC, KBKDF, 0, 0, "16,32", 0, "SP 800-108 counter mode")                        \
    X(kbkdf_cmac_aes128, RK_ALG_KBKDF_CMAC, KBKDF, 16, 0, "16,32", 0, "SP 800-108 counter mode")                       \
    X(pbkdf2_sha256, RK_ALG_PBKDF2, PBKDF2, 0, 0, "32", 0, "iterations: 2 bytes, little endian; 100 when measured")    \
    X(tls12_prf_sha256, RK_ALG_TLS12_PRF, PRF, 0, 0, "32", 0, "SP 800-135")                                            \
    X(ctr_drbg_generate, RK_ALG_CTR_DRBG, GENERATE, 0, 0, "16,32", 0, "instantiation is outside the region")           \
    X(hmac_drbg_generate, RK_ALG_HMAC_DRBG, GENERATE, 0, 0, "16,32", 0, "instantiation is outside the region")         \
    X(hash_drbg_generate, RK_ALG_HASH_DRBG, GENERATE, 0, 0, "16,32", 0, "instantiation is outside the region")         \
    X(chacha20_drbg_generate, RK_ALG_CHACHA20_DRBG, GENERATE, 0, 0, "16,32", 0, "not an SP 800-90A DRBG")              \
    X(x25519_key_pair, RK_ALG_X25519, KEY_PAIR, 0, 0, "0", 0, "DRBG seeded outside the region")                        \
    X(x25519_agree, RK_ALG_X25519, AGREE, 0, 0, "0", 0, "")                                                            \
    X(p256_key_pair, RK_ALG_P256, KEY_PAIR, 0, 0, "0", 0, "DRBG seeded outside the region")                            \
    X(p256_agree, RK_ALG_P256, AGREE, 0, 0, "0", 0, "")                                                                \
    X(ecdsa_p256_sign, RK_ALG_ECDSA_P256, SIGN, 0, 0, "0", 0, "message: a digest of 32 bytes")                         \
    X(ecdsa_p256_verify, RK_ALG_ECDSA_P256, VERIFY, 0, 0, "0", 0, "message: a digest of 32 bytes")                     \
    X(ed25519_key_pair, RK_ALG_ED25519, KEY_PAIR, 0, 0, "0", 0, "")                                                    \
    X(ed25519_sign, RK_ALG_ED25519, SIGN, 0, 0, "32", 0, "")                                                           \
    X(ed25519_verify, RK_ALG_ED25519, VERIFY, 0, 0, "32", 0, "")                                                       \
    X(rsa1024_key_pair, RK_ALG_RSA1024, KEY_PAIR, 0, 0, "0", 2, "legacy: 80 bit; for class 2 and up")                  \
    X(rsa1024_sign, RK_ALG_RSA1024, SIGN, 0, 0, "0", 0, "legacy: 80 bit; PKCS#1 v1.5; message: a SHA-256 digest")      \
    X(rsa1024_verify, RK_ALG_RSA1024, VERIFY, 0, 0, "0", 0, "legacy: 80 bit; PKCS#1 v1.5; message: a SHA-256 digest")  \
    X(rsa1024_encrypt, RK_ALG_RSA1024, ENCRYPT, 0, 0, "16", 0, "legacy: 80 bit; PKCS#1 v1.5")                          \
    X(rsa1024_decrypt, RK_ALG_RSA1024, DECRYPT, 0, 0, "16", 0, "legacy: 80 bit; PKCS#1 v1.5")                          \
    X(rsa1024_oaep_encrypt, RK_ALG_RSA1024, ENCRYPT, 0, 1, "16", 0, "legacy: 80 bit; OAEP, SHA-256")                   \
    X(rsa1024_oaep_decrypt, RK_ALG_RSA1024, DECRYPT, 0, 1, "16", 0, "legacy: 80 bit; OAEP, SHA-256")                   \
    X(rsa2048_key_pair, RK_ALG_RSA2048, KEY_PAIR, 0, 0, "0", 2, "for class 2 and up")                                  \
    X(rsa2048_sign, RK_ALG_RSA2048, SIGN, 0, 0, "0", 0, "PKCS#1 v1.5; message: a SHA-256 digest")                      \
    X(rsa2048_verify, RK_ALG_RSA2048, VERIFY, 0, 0, "0", 0, "PKCS#1 v1.5; message: a SHA-256 digest")                  \
    X(rsa2048_encrypt, RK_ALG_RSA2048, ENCRYPT, 0, 0, "16", 0, "PKCS#1 v1.5")                                          \
    X(rsa2048_decrypt, RK_ALG_RSA2048, DECRYPT, 0, 0, "16", 0, "PKCS#1 v1.5")                                          \
    X(rsa2048_oaep_encrypt, RK_ALG_RSA2048, ENCRYPT, 0, 1, "16", 0, "OAEP, SHA-256")                                   \
    X(rsa2048_oaep_decrypt, RK_ALG_RSA2048, DECRYPT, 0, 1, "16", 0, "OAEP, SHA-256")                                   \
    X(ecjpake_round_one, RK_ALG_ECJPAKE, PAKE_ONE, 0, 0, "0", 0, "client")                                             \
    X(ecjpake_round_two, RK_ALG_ECJPAKE, PAKE_TWO, 0, 1, "0", 0, "client; round one is outside the region")            \
    X(ecjpake_secret, RK_ALG_ECJPAKE, PAKE_SECRET, 0, 2, "0", 0, "client; both rounds are outside the region")         \
    X(mlkem512_key_pair, RK_ALG_MLKEM512, KEY_PAIR, 0, 0, "0", 2, "for class 2 and up")                                \
    X(mlkem512_encapsulate, RK_ALG_MLKEM512, ENCAPSULATE, 0, 0, "0", 2, "for class 2 and up")                          \
    X(mlkem512_decapsulate, RK_ALG_MLKEM512, DECAPSULATE, 0, 0, "0", 2, "for class 2 and up")                          \
    X(mlkem768_key_pair, RK_ALG_MLKEM768, KEY_PAIR, 0, 0, "0", 2, "for class 2 and up")                                \
    X(mlkem768_encapsulate, RK_ALG_MLKEM768, ENCAPSULATE, 0, 0, "0", 2, "for class 2 and up")                          \
    X(mlkem768_decapsulate, RK_ALG_MLKEM768, DECAPSULATE, 0, 0, "0", 2, "for class 2 and up")                          \
    X(aes_key_wrap, RK_ALG_AES_KEY_WRAP, WRAP, 16, 0, "16,32", 0, "RFC 3394, KEK of 16 bytes when measured")           \
    X(aes_key_unwrap, RK_ALG_AES_KEY_WRAP, UNWRAP, 16, 0, "16,32", 0, "size is that of the key")                       \
    X(aes_key_wrap_pad, RK_ALG_AES_KEY_WRAP_PAD, WRAP, 16, 0, "16,32", 0, "RFC 5649, KEK of 16 bytes when measured")   \
    X(aes_key_unwrap_pad, RK_ALG_AES_KEY_WRAP_PAD, UNWRAP, 16, 0, "16,32", 0, "size is that of the key")               \
    X(drbg_init, RK_ALG_COUNT, INIT, 0, 0, "0", 0, "instantiation of the backend's default DRBG")                      \
    X(key_generate, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "new key into pre-activation")                              \
    X(key_establish, RK_ALG_COUNT, LIFECYCLE_BY, 0, 0, "0", 0, "the device's share of one establishment")              \
    X(key_store, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "seal a key record and commit it to NVM")                      \
    X(key_activate, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "pre-activation to active, with commit")                    \
    X(key_renew, RK_ALG_COUNT, LIFECYCLE_BY, 0, 0, "0", 0, "renewal by make-before-break, device side")                \
    X(key_destroy, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "wipe in RAM and NVM")                                       \
    X(key_suspend, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "active to suspended, with commit")                          \
    X(key_resume, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "suspended to active, with commit")                           \
    X(key_zeroise, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "all keys, long-term ones too, in RAM and NVM")              \
    X(key_backup, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "sealed for the backup device")                               \
    X(key_restore, RK_ALG_COUNT, LIFECYCLE, 0, 0, "0", 0, "opened and committed, and its successor asked for")         \
    X(group_join_aes128_ccm, RK_ALG_AES_CCM, GROUP, 16, 0, "1,4,10", 0, "all keys of a member's path, tag 16")         \
    X(group_rekey_aes128_ccm, RK_ALG_AES_CCM, GROUP, 16, 1, "1,4,10", 0, "a leave, to the leaver's neighbour")         \
    X(group_join_chacha20_poly1305, RK_ALG_CHACHA20_POLY1305, GROUP, 32, 0, "1,4,10", 0,                               \
      "all keys of a member's path")                                                                                   \
    X(group_rekey_chacha20_poly1305, RK_ALG_CHACHA20_POLY1305, GROUP, 32, 1, "1,4,10", 0,                              \
      "a leave, to the leaver's neighbour")

enum rk_shape {
#define RK_SHAPE_ENUM(shape, in, out) RK_SHAPE_##shape,
    RK_SHAPES(RK_SHAPE_ENUM)
#undef RK_SHAPE_ENUM
};

enum rk_operation {
#define RK_OPERATION_ENUM(name, alg, shape, key, variant, sizes, least, help) RK_OP_##name,
    RK_OPERATIONS(RK_OPERATION_ENUM)
#undef RK_OPERATION_ENUM
        RK_OP_lifecycle_step, /* one event into the agent, its actions out: emulated execution
                                       (engine/lifecycle/agent.h) */
    RK_OP_lifecycle_check,    /* asks the lifecycle's rules: devices/firmware/check.h */
    RK_OP_empty,              /* an empty region: the harness measures itself */
    RK_OP_COUNT
};

/* What the frame has for the member. */
enum rk_group_case {
    RK_GROUP_JOIN,  /* each key of its path under the one below, from its own on */
    RK_GROUP_REKEY, /* all of its neighbour's leave: it has its own key alone, and needs an entry a level */
};

enum { RK_GROUP_TREE_bytes = 14, RK_GROUP_HEIGHT_MEASURED_MAX = 10 };

#endif
