/* engine/model/protocol.h - how a renewal travels: the flights of a protocol, their bytes and what they make each side compute
 *
 * Model:  the agents exchange what they always do; a protocol says how that travels and what it costs. The last flight of the
 *         server carries the agent's R2, the device's flight before it R1, the device's one after it R3. Flights before
 *         R1 (a cookie, the server's key) go to and fro before it, as events like any frame. A flight of the device that
 *         has no answer goes again by the protocol's own rule, which takes the place of the policy's `retry` and
 *         `attempts`: each flight has the rule's waits anew, counted from the end of its last sending, and when the last is
 *         over the renewal is given up until the next occasion. A flight of 0 bytes takes no air and no time and
 *         is not lost: both sides know without it. Data carries the protocol's record instead of the agent's.
 *         The work of the flights replaces the agent's own exchange in the charges; sealing data and records of the
 *         store, and its NVM, stay as they are.
 * Units:  bytes; operations as in backends/operation.h.
 * Sizes:  some lengths are a deployment's: of certificates, names, connection ids. A file gives each that matters to it a
 *         default and a range; parts and counts that follow one are said to be `with` it. Records carry a connection id.
 * Error:  the server's work on flights before R1 takes no time: the whole request is served when R1 arrives.
 */
#ifndef ENGINE_MODEL_PROTOCOL_H
#define ENGINE_MODEL_PROTOCOL_H

#include "engine/core/coefficient.h"
#include "engine/core/err.h"
#include "engine/lifecycle/policy.h"
#include "engine/model/meter.h"

enum { RK_MEMORIES_max = 4, RK_SIZE_DEFAULT = UINT16_MAX };
enum { RK_FLIGHTS_max = 12, RK_PARTS_max = 24, RK_WORKS_max = 12, RK_DATAGRAMS_max = 4, RK_FLIGHT_NONE = 255 };

enum rk_protocol_from { RK_FROM_DEVICE, RK_FROM_SERVER };

enum rk_protocol_size {
    RK_SIZE_NONE,
    RK_SIZE_CERTIFICATE,  /* bytes of each */
    RK_SIZE_CERTIFICATES, /* of one side, the root not counted */
    RK_SIZE_IDENTITY,     /* bytes of the name of a shared key */
    RK_SIZE_CONNECTION,   /* bytes of a connection id */
    RK_SIZES
};

extern const char *const rk_protocol_size_names[RK_SIZES + 1];

struct rk_protocol_range { /* least == most == 0: the protocol has no such size */
    struct rk_coefficient value;
    uint16_t least, most;
};

struct rk_protocol_part { /* of a flight */
    char what[64];
    struct rk_coefficient bytes; /* at the file's sizes, or those that rk_protocol_resize() has set */
    uint8_t with;                /* enum rk_protocol_size */
    uint16_t each_bytes;         /* with certificates: of a list's entry beside the certificate */
};

struct rk_protocol_work { /* of one side, before it sends a flight or after it has one */
    uint8_t operation;    /* enum rk_operation */
    uint16_t size_bytes;
    uint16_t count;
    uint8_t with; /* RK_SIZE_CERTIFICATES: one more for each; or RK_SIZE_NONE */
};

struct rk_protocol_flight {
    uint8_t from; /* enum rk_protocol_from */
    char what[64];
    size_t parts, device_works, server_works;
    struct rk_protocol_part part[RK_PARTS_max];
    struct rk_protocol_work device[RK_WORKS_max], server[RK_WORKS_max];
};

struct rk_protocol_again { /* of a flight of the device that has no answer */
    uint64_t first_ns;     /* 0: the policy's `retry` and `attempts` say */
    uint64_t most_ns;      /* no wait is longer */
    uint32_t spread_ppm;   /* each wait is longer by a uniform share of up to that */
    uint32_t growth_ppm;   /* each wait is so much of the one before */
    uint8_t limit;         /* sendings after the first */
    uint8_t kind;          /* enum rk_kind */
    char source[160];
};

struct rk_protocol_memory { /* of a whole client that does it */
    char library[16];
    struct rk_coefficient ram_bytes, flash_bytes;
};

struct rk_protocol {
    char name[32];
    char title[128];
    char about[240];
    uint8_t mechanism; /* enum rk_mechanism: what the new key is made from */
    char transport[24];
    struct rk_coefficient record_bytes; /* of a data message beyond its text: header, sequence number, tag */
    struct rk_protocol_again again;
    struct rk_protocol_range size[RK_SIZES];
    size_t memories;
    struct rk_protocol_memory memory[RK_MEMORIES_max];
    size_t flights;
    struct rk_protocol_flight flight[RK_FLIGHTS_max];
    char path[256];
};

/* out: bytes of a flight, the sum of its parts. */
uint32_t rk_protocol_flight_bytes(const struct rk_protocol *protocol, unsigned flight);

/* out: of all flights. */
uint32_t rk_protocol_bytes(const struct rk_protocol *protocol);

/* Which flight carries R1; R2 goes with the next one, R3 with the one after that, if there is one. Flights alternate and the
 * device begins, or RK_FLIGHT_NONE is returned. */
unsigned rk_protocol_request(const struct rk_protocol *protocol);

/* in: protocol, or NULL; the longest text of a message; the longest datagram of a link; shared: its channel, on which a flight is one datagram.
 * Errors: RK_ERR_INPUT: a flight that the link cannot carry. */
RK_MUST_CHECK enum rk_err rk_protocol_fits(const struct rk_protocol *protocol, uint16_t message_bytes,
                                           uint16_t datagram_max_bytes, bool shared, struct rk_diag *diag);

/* What the rule leaves to the agent: what the key is made from, and to give up when the last wait is over. */
void rk_protocol_policy(const struct rk_protocol *protocol, struct rk_policy *policy);

/* How long a flight waits for its answer after it was sent so often. in: draw: 64 uniform bits. out: ns. */
uint64_t rk_protocol_wait_ns(const struct rk_protocol_again *again, unsigned sent, uint64_t draw);

/* Sets sizes; parts and counts follow. in: size: by enum rk_protocol_size, RK_SIZE_DEFAULT where the file's stays; a protocol
 * as it was loaded. out: refused: the size at fault. Errors: RK_ERR_INPUT: one that it does not have, or out of its range. */
RK_MUST_CHECK enum rk_err rk_protocol_resize(struct rk_protocol *protocol, const uint16_t size[RK_SIZES],
                                             enum rk_protocol_size *refused, struct rk_diag *diag);

/* in: protocol, or NULL; the library's name; the device, whose system is taken off. A library that the file says nothing about
 * is not judged, and neither is what may fit within the figure's error. Errors: RK_ERR_CHECK "does not fit: ram: ..." or flash. */
RK_MUST_CHECK enum rk_err rk_protocol_fits_memory(const struct rk_protocol *protocol, const char *library,
                                                  const struct rk_device_profile *device, struct rk_diag *diag);

/* How a trial plays one: figures found once. */
struct rk_play {
    const struct rk_protocol *protocol;        /* NULL: the agent's own three frames */
    uint8_t request;                           /* flight of R1 */
    int16_t record_extra_bytes;                /* of a data frame, beyond the agent's */
    uint16_t flight_bytes[RK_FLIGHTS_max + 1]; /* 0 beyond the last */
    struct rk_usage work[RK_FLIGHTS_max + 1];  /* of the device */
};

/* in: protocol that fits, or NULL; costs of the trial's device.
 * Errors: RK_ERR_CHECK: an operation without a figure, "NAME: reason". */
RK_MUST_CHECK enum rk_err rk_play_init(struct rk_play *play, const struct rk_protocol *protocol, struct rk_costs *costs,
                                       uint8_t tag_bytes, struct rk_diag *diag);

/* out: names of the device's operations that are not among rk_meter_operations, each after a comma; `names` has room for
 * `size` bytes. */
void rk_protocol_operations(const struct rk_protocol *protocol, char *names, size_t size);

#endif
