/* bench/leak_inputs.h - which inputs of an operation are secret, and requests that differ in them
 *
 * Model: keys, texts, private keys and passwords are secret; so is the entropy that keys, texts or padding come from.
 *        The entropy that only blinds an agreement, a signature or a decryption is one for all keys, and so are the
 *        nonces of signatures, which come from it.
 */
#ifndef BENCH_LEAK_INPUTS_H
#define BENCH_LEAK_INPUTS_H

#include "backends/operation_info.h"
#include "bench/inputs.h"

enum { RKI_LEAK_NAME_bytes = 24 };

/* in: names between spaces; a name of `length`. out: whether the name is among them. */
bool rki_leak_has_name(const char *list, const char *name, size_t length);

/* out: whether `leak` looks at the operation when it is not told which: symmetric ones, agreement, signatures. */
bool rki_leak_is_default(const struct rk_operation_info *info);

/* out: what one entropy for all keys means for the verdict; "" for nothing. */
const char *rki_leak_note(const struct rk_operation_info *info);

/* out: the request of a key: that of bench/inputs.h, with what is to stay the same from key 0. */
RK_MUST_CHECK enum rk_err rki_leak_request(int operation, uint32_t size_bytes, unsigned key,
                                           const struct rk_bench_peer *peer, struct rk_call *request,
                                           struct rk_diag *diag);

/* Compares the requests of two keys. out: whether a secret differs; in `follows` the name of a public input that does,
 * too, "" for none. */
bool rki_leak_secrets_differ(const struct rk_call *a, const struct rk_call *b, char follows[RKI_LEAK_NAME_bytes]);

#endif
