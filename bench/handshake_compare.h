/* bench/handshake_compare.h - what a library really sends beside what the protocol's file says, each byte explained
 *
 * Model:  a handshake's parts (bench/handshake.h) on one side; on the other what a file's parts name, with the lengths that
 *         the RFCs and the numbers in their text give them. Both are summed by field, flight by flight; a field that differs
 *         is a reason. What no field accounts for is unexplained: an error of the file, or something the parser does
 *         not know. A flight that the file has not is one reason: the round of a cookie, an acknowledgement.
 *         Encrypted messages show their lengths only: another number of records is a reason, and padding where it fills the
 *         record to 16 bytes.
 * Units:  bytes above UDP or TCP.
 * Error:  exact. A message in several fragments is not parsed: what differs in it is unexplained. Counts stand side by side: a file counts whole derivations, so hashes and HMACs are not compared.
 * Source: RFC 5246 6.2 and 7.4, RFC 6347 4, RFC 8422 5, RFC 4279 2, RFC 5489 2, RFC 8446 4 and 5.4, RFC 9147 4, 5 and 7.
 */
#ifndef BENCH_HANDSHAKE_COMPARE_H
#define BENCH_HANDSHAKE_COMPARE_H

#include "bench/handshake.h"
#include "engine/study/protocol_file.h"

enum { RK_REASONS_MAX = 32, RK_COMPARED_OPERATIONS = 6 };

struct rk_handshake_reason {
    char part[40];
    int32_t bytes; /* real less file */
};

struct rk_handshake_difference { /* of a flight */
    uint8_t from;                /* enum rk_handshake_role */
    int32_t real_bytes, file_bytes, unexplained_bytes;
    unsigned reasons;
    struct rk_handshake_reason reason[RK_REASONS_MAX];
};

struct rk_handshake_comparison {
    unsigned flights;
    struct rk_handshake_difference flight[RK_HANDSHAKE_FLIGHTS_MAX];
    uint16_t file_count[RK_COMPARED_OPERATIONS]; /* of the client, by enum rk_handshake_count */
    bool is_explained;
};

/* out: the protocol file that describes the same handshake; or NULL, and *why there is none. */
const char *rk_handshake_file(uint8_t protocol, uint8_t auth, const char **why);

/* in: an outcome that is "ok"; the file of rk_handshake_file(), with its default sizes. */
void rk_handshake_compare(const struct rk_handshake_request *request, const struct rk_handshake_outcome *outcome,
                          const struct rk_protocol *file, struct rk_handshake_comparison *comparison);

#endif
