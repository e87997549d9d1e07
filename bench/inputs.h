/* bench/inputs.h - the inputs that an operation is measured with
 *
 * Model:  uniform bytes by (operation, size, index), the same for every device and backend. Secrets (keys, texts, what
 *         seeds a generator) change with the index; what an onlooker may know (nonce, associated data, message of a MAC,
 *         salt, info, the peer's public key) and the entropy that blinds an agreement do not. Where an input must fit
 *         others (a ciphertext with its tag, a peer's public key, a wrapped key), the host's build of the same library
 *         makes it.
 * Units:  associated data 8 bytes, HMAC key 32, salt 16, info 16: named below.
 */
#ifndef BENCH_INPUTS_H
#define BENCH_INPUTS_H

#include "bench/bench.h"
#include "devices/emulators/emulator.h"

enum { RK_BENCH_AAD_bytes = 8, RK_BENCH_HMAC_KEY_bytes = 32, RK_BENCH_SALT_bytes = 16, RK_BENCH_INFO_bytes = 16 };

/* The host's build of the backend under measurement. */
struct rk_bench_peer {
    const struct rk_emulator_driver *driver;
    struct rk_emulator *emulator;
};

/* in: operation, size of its variable input, index of the input set, mechanism for key_establish and key_renew.
 * out: request ready for driver->call. errors: RK_ERR_CHECK when the library on the host cannot make the input. */
enum rk_err rk_bench_inputs(int operation, uint32_t size_bytes, unsigned index, uint8_t mechanism,
                            const struct rk_bench_peer *peer, struct rk_call *request, struct rk_diag *diag);

/* out: whether cycles that differ between indices tell of a secret. Not where the same entropy makes the key and blinds
 * the computation: key pairs and lifecycle operations. */
bool rk_bench_inputs_isolate_secrets(int operation);

#endif
