/* backends/handshake/handshake.h - one side of a TLS or DTLS handshake, by a library's own protocol code
 *
 * Model:   the library runs its protocol; what it sends and receives passes through rk_handshake_send() and
 *          rk_handshake_receive(), which the program around it has. One session at a time, in static memory. Datagrams are
 *          never lost here: timers of DTLS do not run out.
 * Seed:    all random numbers come from the library's generator, seeded with `seed` and nothing else: the same setup gives
 *          the same bytes.
 * Counts:  a seal or open is one of AES-CCM; a CBC record shows as an HMAC. Calls that the protocol code makes to the library's own primitives, counted where the linker lets them pass
 *          (--wrap: RK_HANDSHAKE_WRAPS of the library's program.cmake). RK_COUNT_HASH are digests that were finished, those
 *          inside an HMAC, a derivation and the generator among them.
 * Source:  RFC 5246, 6347, 8446, 9147; RFC 4279, 5489, 6655, 7251 (suites); RFC 7250 (raw public keys).
 */
#ifndef BACKENDS_HANDSHAKE_HANDSHAKE_H
#define BACKENDS_HANDSHAKE_HANDSHAKE_H

#include <stddef.h>
#include <stdint.h>

enum rk_handshake_role { RK_HANDSHAKE_CLIENT, RK_HANDSHAKE_SERVER };

enum rk_handshake_protocol { RK_DTLS12, RK_TLS12, RK_DTLS13, RK_TLS13, RK_HANDSHAKE_PROTOCOLS };

/* What authenticates, and whether keys are agreed on; or what renews the keys of a session. AES-128-CCM-8 everywhere but RK_AUTH_ECDHE_PSK of 1.2. */
enum rk_handshake_auth {
    RK_AUTH_PSK,         /* the shared key alone */
    RK_AUTH_ECDHE_PSK,   /* and P-256. 1.2: ECDHE_PSK_WITH_AES_128_CBC_SHA256, which all three libraries have */
    RK_AUTH_CERTIFICATE, /* ECDHE P-256, ECDSA, both sides with certificates */
    RK_AUTH_RAW_KEY,     /* the same with raw public keys (RFC 7250), known beforehand, in their place */
    RK_AUTH_RESUMPTION, /* after a session by certificates, another from it: by its id in 1.2, by a ticket and P-256 in 1.3 */
    RK_AUTH_KEY_UPDATE, /* after a session by the shared key alone, new traffic keys in both directions: KeyUpdate of 1.3 */
    RK_HANDSHAKE_AUTHS
};

enum rk_handshake_count {
    RK_COUNT_KEY_PAIR,
    RK_COUNT_AGREE,
    RK_COUNT_SIGN,
    RK_COUNT_VERIFY,
    RK_COUNT_SEAL,
    RK_COUNT_OPEN,
    RK_COUNT_HMAC,
    RK_COUNT_HASH,
    RK_HANDSHAKE_COUNTS
};

enum rk_handshake_result {
    RK_HANDSHAKE_FAILED = -1,
    RK_HANDSHAKE_UNSUPPORTED = -2, /* not provided by the library */
    RK_HANDSHAKE_GOES_ON = 0,      /* waits for the peer */
    RK_HANDSHAKE_DONE = 1,
};

/* A request's `operation` in a handshake's program (devices/firmware/handshake/payload.c); its fields, and the reply's. A
 * result above is the reply's first field, one byte; what is sent follows, a field a datagram, or all of a stream. */
enum rk_handshake_call {
    RK_HANDSHAKE_BEGIN = 1, /* role, protocol, auth, seed: a byte each */
    RK_HANDSHAKE_STEP,      /* what was received: a datagram, or a piece of a stream; nothing at first */
    RK_HANDSHAKE_WRITE,     /* text to send in a record */
    RK_HANDSHAKE_READ,      /* what was received. out: the text that it holds, a field */
    RK_HANDSHAKE_KEYS,   /* out: 32 bytes that only holders of this session's keys can have; its counts, 16 bits each */
    RK_HANDSHAKE_UPDATE, /* new keys for what is sent: KeyUpdate of 1.3 */
    RK_HANDSHAKE_AGAIN,  /* another session from the present one: RK_AUTH_RESUMPTION */
};

enum { RK_HANDSHAKE_KEYS_bytes = 32 };

struct rk_handshake_setup {
    uint8_t role, protocol, auth, seed;
};

/* One library's side. Each but keys: enum rk_handshake_result. */
struct rk_handshake {
    int (*begin)(const struct rk_handshake_setup *setup);
    int (*step)(void); /* as far as it goes with what was received */
    int (*write)(const uint8_t *text, size_t bytes);
    int (*read)(uint8_t *text, size_t *bytes); /* in: *bytes of room. out: what a record held */
    int (*update)(void);                       /* NULL: the library has none */
    int (*again)(void);                        /* as begin; of the setup that it had */
    int (*keys)(uint8_t out[RK_HANDSHAKE_KEYS_bytes]);
};

const struct rk_handshake *rk_handshake_get(void);

/* The program around it. send: a datagram, or a piece of a stream; -1 when there is no room. receive: at most `room` bytes
 * of what is there; a datagram is taken whole; 0 when there is nothing. */
int rk_handshake_send(const uint8_t *data, size_t bytes);
size_t rk_handshake_receive(uint8_t *data, size_t room);

extern uint16_t rk_handshake_counts[RK_HANDSHAKE_COUNTS];

/* Counts what the linker sends here instead of to `name` (--wrap=name). */
#define RK_HANDSHAKE_WRAP(count, type, name, parameters, arguments)                                                    \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        rk_handshake_counts[count]++;                                                                                  \
        return __real_##name arguments;                                                                                \
    }

#endif
