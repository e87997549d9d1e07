/* bench/inputs.h - the inputs that an operation is measured with
 *
 * Model:  uniform bytes by (operation, size, index), the same for every device and backend. Secrets (keys, texts,
 *         passwords, what seeds a generator) change with the index; what an onlooker may know (nonce, associated data,
 *         message of a MAC, salt, info, the peer's public key, what is signed) and the entropy that only blinds do not.
 *         Where an input must fit others (a ciphertext with its tag, a signature, a peer's public key or messages, a
 *         wrapped key), the host's build of the same library makes it. RSA keys are those of bench/rsa_keys.h.
 * Units:  bytes of what has no size of its own: named below.
 */
#ifndef BENCH_INPUTS_H
#define BENCH_INPUTS_H

#include "bench/bench.h"
#include "devices/emulators/emulator.h"

enum {
    RK_BENCH_AAD_bytes = 8,
    RK_BENCH_SALT_bytes = 16,
    RK_BENCH_INFO_bytes = 16, /* info of HKDF, label and context of KBKDF */
    RK_BENCH_PASSWORD_bytes = 16,
    RK_BENCH_PBKDF2_ITERATIONS = 100,
    RK_BENCH_MASTER_bytes = 48, /* TLS 1.2: master secret, and "key expansion" over two randoms */
    RK_BENCH_LABEL_bytes = 13,
    RK_BENCH_RANDOMS_bytes = 64,
};

/* The host's build of the backend under measurement. */
struct rk_bench_peer {
    const struct rk_emulator_driver *driver;
    struct rk_emulator *emulator;
};

/* in: operation, size of its variable input, index of the input set, mechanism for key_establish and key_renew.
 * out: request ready for driver->call. errors: RK_ERR_CHECK when the library on the host cannot make the input. */
enum rk_err rk_bench_inputs(int operation, uint32_t size_bytes, unsigned index, uint8_t mechanism,
                            const struct rk_bench_peer *peer, struct rk_call *request, struct rk_diag *diag);

/* out: whether cycles that differ between indices tell of a secret. Not where the same entropy makes the secret and blinds
 * the computation: key pairs, ECDSA's nonces, EC-JPAKE, lifecycle operations; nor where what is public changes too:
 * verification, operations with the one RSA private key, decapsulation, whose key has the seed of a public matrix, frames of a
 * group. */
bool rk_bench_inputs_isolate_secrets(int operation);

#endif
