/* bench/vectors.h - runs a Wycheproof file on an emulated device
 *
 * Model:  testvectors_v1, and the older schema where it is the same: AEAD, MAC, HKDF, PBKDF2, key wrap, ECDH (P-256),
 *         XDH (X25519), ECDSA (P-256, P1363 signatures), Ed25519, RSA signatures and decryption. A case goes through
 *         the mailbox into the device: `valid` must give what the file says, `invalid` must be refused, `acceptable`
 *         may be either. A case that no operation of backends/operation.h takes is skipped, and counted under its
 *         reason. Each case meets a device as it was after its boot.
 * ECDH:   public keys in ASN.1 are parsed here and not on the device, so that cases with invalid ASN.1 say nothing of
 *         the library: they are skipped.
 * Error:  a file that does not follow its schema is refused as a whole: `file:line:column: what, expected what`.
 */
#ifndef BENCH_VECTORS_H
#define BENCH_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/err.h"

enum { RK_VECTORS_SKIPS_MAX = 64, RK_VECTORS_REASON_bytes = 96 };

struct rk_vectors_request {
    const char *device, *backend;
    const char *path;
    unsigned max;  /* cases that run; 0 for all */
    unsigned jobs; /* threads; 0 for the cores */
    void (*progress)(void *context, unsigned done, unsigned total);
    void *progress_context;
};

struct rk_vectors_failure {
    uint32_t tc_id;
    char comment[96];
    char expected[112]; /* "rejected", or outputs in hexadecimal, cut when long */
    char got[112];
};

struct rk_vectors_skip {
    char reason[RK_VECTORS_REASON_bytes];
    unsigned count;
};

struct rk_vectors_result {
    char algorithm[48];
    unsigned passed, failed, skipped;
    unsigned acceptable;                /* of those that passed */
    struct rk_vectors_failure *failure; /* `failed` of them, in the order of the file */
    struct rk_vectors_skip skip[RK_VECTORS_SKIPS_MAX];
    size_t skips;
};

/* out: *result, to be released by rk_vectors_result_free().
 * errors: RK_ERR_INPUT for the file, or unknown names; those of rk_bench_measure(). */
RK_MUST_CHECK enum rk_err rk_vectors_run(const struct rk_vectors_request *request, struct rk_vectors_result *result,
                                         struct rk_diag *diag);
void rk_vectors_result_free(struct rk_vectors_result *result);

#endif
