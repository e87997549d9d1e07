/* bench/audit/log.h - what happened in a run, in order: events, library calls, records, frames, NVM writes
 *
 * Model:  one list of entries for both parties, and beside it the values that the calls made: random numbers, private
 *         keys, shared secrets, derived and unwrapped keys, public values, each with what it was made from. The same
 *         bytes are the same value, whoever made them: so the graph from one key to another can be walked.
 * Units:  ns, bytes.
 * Memory: the heap; rk_log_fini() wipes nothing: these are test keys.
 */
#ifndef BENCH_AUDIT_LOG_H
#define BENCH_AUDIT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/lifecycle/agent.h"

enum rk_log_kind {
    RK_LOG_EVENT,  /* an event was fed; written before what it caused */
    RK_LOG_CALL,   /* a call into the library returned */
    RK_LOG_RECORD, /* a key changed its state */
    RK_LOG_FRAME,  /* a frame left a party */
    RK_LOG_STORE,  /* bytes were written to NVM, or a block was erased */
    RK_LOG_RESULT, /* the event's result; written after what it caused */
};

enum rk_log_call {
    RK_CALL_SEAL,
    RK_CALL_OPEN,
    RK_CALL_MAC,
    RK_CALL_KDF,
    RK_CALL_DRBG_INIT,
    RK_CALL_GENERATE,
    RK_CALL_DRBG_WIPE,
    RK_CALL_KEY_PAIR,
    RK_CALL_AGREE,
    RK_CALL_WRAP,
    RK_CALL_UNWRAP,
    RK_CALL_WIPE,
};

enum rk_value_kind {
    RK_VALUE_PROVISIONED, /* name says which key */
    RK_VALUE_ENTROPY,     /* input of a DRBG */
    RK_VALUE_RANDOM,      /* output of a DRBG */
    RK_VALUE_PRIVATE,
    RK_VALUE_PUBLIC,
    RK_VALUE_SHARED, /* Z of an agreement */
    RK_VALUE_DERIVED,
    RK_VALUE_UNWRAPPED, /* random bytes too, once they were wrapped: then they are a key */
    RK_VALUE_MAC,
};

enum { RK_VALUE_PARENTS_max = 8, RK_NO_VALUE = -1 };

struct rk_value {
    uint8_t kind;  /* enum rk_value_kind */
    uint8_t party; /* enum rk_role: who made it first */
    uint8_t alg;
    uint8_t parents;
    uint16_t bytes;
    uint32_t times; /* how often a call of its kind made it */
    int parent[RK_VALUE_PARENTS_max];
    size_t entry;     /* that made it first; SIZE_MAX: it was there before the run */
    const char *name; /* "master key"; NULL: none */
    uint8_t *data;
};

struct rk_log_entry {
    uint64_t time_ns;
    uint8_t kind;  /* enum rk_log_kind */
    uint8_t party; /* enum rk_role */
    union {
        struct {
            uint8_t kind;    /* enum rk_event_kind */
            uint8_t subject; /* enum rk_subject */
            int8_t result;   /* RK_LOG_RESULT only */
            uint8_t delivered;
        } event;
        struct {
            uint8_t what; /* enum rk_log_call */
            uint8_t alg;
            int8_t result;   /* enum rk_crypto */
            uint16_t bytes;  /* of the text, output or wiped memory */
            int key;         /* value used as key or secret, or RK_NO_VALUE: its origin is unknown */
            int out;         /* value made */
            uint16_t key_at; /* where in that value the key begins */
            uint8_t nonce[13];
            uint64_t input;      /* hash of nonce-protected text and associated data, or of label and context */
            uint8_t context[32]; /* of a derivation, cut at its length */
            const void *memory;  /* address of the output, or of what was wiped */
        } call;
        struct {
            struct rk_record record;
            int value; /* that the key's material stands in when the step ends; RK_NO_VALUE: it has none */
        } move;
        struct {
            uint32_t number; /* in rk_log.frame */
        } frame;
        struct {
            uint32_t address;
            uint16_t bytes;
            bool erase;
            int leak;         /* secret value that stands in what was written; RK_NO_VALUE */
            uint16_t leak_at; /* from address */
        } store;
    };
};

struct rk_log_frame {
    uint64_t time_ns;
    uint8_t from; /* enum rk_role */
    uint8_t kind; /* enum rk_frame_kind */
    bool lost;
    int leak; /* secret value that stands in it; RK_NO_VALUE */
    uint16_t leak_at;
    uint16_t bytes;
    uint8_t data[RK_FRAME_MAX_bytes];
};

struct rk_log {
    struct rk_log_entry *entry;
    size_t entries, entries_room;
    struct rk_value *value;
    size_t values, values_room;
    struct rk_log_frame *frame;
    size_t frames, frames_room;
    /* 8 bytes of a secret -> its value, open addressing; filled by rk_log_leak() */
    struct rk_log_window *window;
    size_t windows, windows_room, indexed; /* values in it */
};

struct rk_log_window {
    uint64_t bytes;
    int value; /* RK_NO_VALUE: free */
};

void rk_log_init(struct rk_log *log);
void rk_log_fini(struct rk_log *log);

/* out: the new entry, all zero but time, party and kind; valid until the next call. */
struct rk_log_entry *rk_log_add(struct rk_log *log, uint64_t time_ns, uint8_t party, uint8_t kind);

/* out: number of the value with these bytes: a new one, or the old one with these parents added. */
int rk_log_value(struct rk_log *log, uint8_t kind, uint8_t party, const uint8_t *data, uint16_t bytes);
void rk_log_parent(struct rk_log *log, int value, int parent);

/* out: the first value that has these bytes (at least 8) in it, and where; RK_NO_VALUE. Public values count only when
 * nothing secret has them. */
int rk_log_find(const struct rk_log *log, const uint8_t *data, uint16_t bytes, uint16_t *at);

/* out: whether there is a path of parents from `value` up to `ancestor`; true for itself. */
bool rk_log_descends(const struct rk_log *log, int value, int ancestor);

/* out: the first secret value of which 8 bytes in a row stand in memory, and where; RK_NO_VALUE. Nonces, public values
 * and MACs are no secrets. */
int rk_log_leak(struct rk_log *log, const uint8_t *memory, size_t bytes, size_t *at);
bool rk_value_secret(const struct rk_log *log, int value);

/* "device at 12.000 s" */
void rk_log_when(const struct rk_log_entry *entry, char *out, size_t room);
const char *rk_log_call_name(unsigned call);

#endif
