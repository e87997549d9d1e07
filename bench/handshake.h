/* bench/handshake.h - one TLS or DTLS handshake between an emulated client and a real server
 *
 * Model:  the client is the library's own protocol code in a firmware (devices/firmware/handshake); each call hands it one
 *         datagram, or one record of a stream, and takes what it sends. The server is the same program on the host
 *         (`self`), or OpenSSL's s_server over loopback (`openssl`). Then a record of text goes each way.
 * Units:  bytes as on the wire, above UDP or TCP; cycles of the client's clock.
 * Error:  cycles have the emulator's bounds. Bytes and counts are exact. With OpenSSL the server's random numbers are its
 *         own: lengths of DER signatures differ by a byte or two from run to run, and with them cycles.
 * Flight: what one side sends until the other one does.
 */
#ifndef BENCH_HANDSHAKE_H
#define BENCH_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/handshake/handshake.h"
#include "engine/core/err.h"

enum { RK_HANDSHAKE_FLIGHTS_MAX = 16, RK_HANDSHAKE_STEPS_MAX = 32, RK_HANDSHAKE_PARTS_MAX = 96 };

/* A record, a message in one, or a field of that, an extension among them: `level` 0, 1, 2. */
struct rk_handshake_part {
    uint8_t level;
    char name[40];
    uint16_t bytes; /* all of it, headers too */
};

struct rk_handshake_flight {
    uint8_t from; /* enum rk_handshake_role */
    uint16_t bytes, datagrams;
    unsigned parts;
    struct rk_handshake_part part[RK_HANDSHAKE_PARTS_MAX];
};

struct rk_handshake_step {
    uint16_t in_bytes, out_bytes;
    bool has_cycles;
    uint64_t cycles, cycles_low, cycles_high;
};

struct rk_handshake_request {
    const char *device;
    const char *backend; /* NAME or NAME@VERSION */
    bool openssl;        /* the peer */
    uint8_t protocol;    /* enum rk_handshake_protocol */
    uint8_t auth;        /* enum rk_handshake_auth */
    uint8_t seed;
};

struct rk_handshake_outcome {
    char status[96]; /* "ok", or why not */
    char version[16], peer_version[48];
    unsigned flights, steps;
    struct rk_handshake_flight flight[RK_HANDSHAKE_FLIGHTS_MAX];
    struct rk_handshake_step step[RK_HANDSHAKE_STEPS_MAX];
    uint16_t count[2][RK_HANDSHAKE_COUNTS]; /* by role; the server's with `self` only */
    bool compared_keys, same_keys;          /* `self`: what both sides derived; `openssl`: not asked for */
    uint16_t record_bytes[2]; /* a text of RK_HANDSHAKE_TEXT_bytes in a record, by who sends it; it arrived */
    bool has_stack;
    uint64_t cycles, stack_bytes, heap_bytes; /* of the client: all steps; the most of one */
    uint64_t ram_static_bytes, flash_bytes;   /* of its image; static: the protocol's state among them */
};

enum { RK_HANDSHAKE_TEXT_bytes = 16 };

/* Names as the command line has them, ended by NULL. */
extern const char *const rk_handshake_protocol_names[];
extern const char *const rk_handshake_auth_names[];
extern const char *const rk_handshake_count_names[];

/* Runs it. out: status; what did not come to pass is zero. errors: RK_ERR_INPUT for an unknown device or library,
 * RK_ERR_MISSING without a compiler or openssl, RK_ERR_EMULATOR. */
RK_MUST_CHECK enum rk_err rk_handshake_run(const struct rk_handshake_request *request,
                                           struct rk_handshake_outcome *outcome, struct rk_diag *diag);

#endif
