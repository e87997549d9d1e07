/* engine/lifecycle/agent.h - one party of a pairwise relation: it holds keys and reacts to events
 *
 * Model:  the agent is a function (state, event) -> (state, actions). It owns no clock, no radio and no thread: time
 *         comes in with each event, frames go out as actions. Device (initiator) and server (responder) run the same
 *         code. Renewal is make-before-break in three frames: R1 device -> server, R2 server -> device, R3 device ->
 *         server. The new key stays in pre-activation until it is confirmed, then it protects; the old one is
 *         deactivated, still processes during the overlap, and is then destroyed. A lost R3 heals: a valid data frame
 *         under the new key confirms it too, and so does the request for its successor.
 * Frames: byte 0 kind, bytes 1..4 key id (little endian), data frames: bytes 5..8 counter, ciphertext, tag.
 *         The AEAD nonce is unique by (key, direction, counter). All layouts: engine/lifecycle/DESIGN.md.
 * Store:  key records are sealed under the device's storage key and committed to two blocks of NVM in turn; message
 *         counters are reserved ahead, so that no nonce repeats after a power cut.
 * Memory: no allocation; the caller gives struct rk_agent and the DRBG's memory. Key material is wiped on every exit.
 * Units:  ns, bytes.
 */
#ifndef ENGINE_LIFECYCLE_AGENT_H
#define ENGINE_LIFECYCLE_AGENT_H

#include "backends/backend.h"
#include "engine/lifecycle/access.h"
#include "engine/lifecycle/entropy.h"
#include "engine/lifecycle/key.h"
#include "engine/lifecycle/key_type.h"
#include "engine/lifecycle/policy.h"

enum { RK_FRAME_MAX_bytes = 192, RK_TEXT_MAX_bytes = 128, RK_RECORDS_MAX = 8, RK_NVM_AGENT_bytes = 256 };

enum rk_role { RK_ROLE_DEVICE, RK_ROLE_SERVER };

enum rk_frame_kind { RK_FRAME_NONE, RK_FRAME_DATA, RK_FRAME_R1, RK_FRAME_R2, RK_FRAME_R3, RK_FRAME_BACKUP };

enum rk_event_kind {
    RK_EVENT_START,      /* provisioned and powered: data = samples of the entropy source (engine/lifecycle/entropy.h),
                       48 to 192; restores from NVM or establishes. After RK_AGENT_NO_ENTROPY: again, with others */
    RK_EVENT_SEND,       /* data = application text to protect and send */
    RK_EVENT_RECEIVE,    /* data = a frame from the peer */
    RK_EVENT_TIMER,      /* the time asked for in actions.timer_ns has come (early or spurious ones are harmless) */
    RK_EVENT_SESSION,    /* a session starts; with data, a byte of RK_TRIGGER_OCCASIONS: that happened instead */
    RK_EVENT_COMPROMISE, /* the active key is suspected or known to be compromised: stop, renew, destroy */
    RK_EVENT_SUSPEND,
    RK_EVENT_RESUME,
    RK_EVENT_BACKUP,  /* seals the current key for the backup device; leaves as a frame of kind RK_FRAME_BACKUP */
    RK_EVENT_RESTORE, /* data = such a frame: the key comes back deactivated, to process only, and is renewed at once */
    RK_EVENT_ZEROISE, /* end of life: destroys all keys */
    RK_EVENT_RESEED,  /* data = samples as of START, for the generator; asked for by actions.wants_entropy */
    RK_EVENT_COUNT
};

struct rk_event {
    uint64_t now_ns;
    const uint8_t *data;
    uint16_t data_bytes;
    uint8_t kind;
    uint8_t subject; /* enum rk_subject: who asks */
    uint8_t drained; /* what the device measures of itself: what its battery has given, of 255 */
    uint8_t losses;  /* and its link of late: 0 when each frame went through at once, 255 when none did */
};

enum rk_agent_result {
    RK_AGENT_OK = 0,
    RK_AGENT_NO_KEY = -1,     /* no key permits it now: the text was not sent */
    RK_AGENT_REJECTED = -2,   /* a frame failed its tag or confirmation */
    RK_AGENT_STALE = -3,      /* a frame of an unknown or destroyed key, a replayed counter, or out of sequence */
    RK_AGENT_FAILED = -4,     /* the crypto library or the NVM failed */
    RK_AGENT_INVALID = -5,    /* malformed event */
    RK_AGENT_DENIED = -6,     /* this subject may not ask for that */
    RK_AGENT_ALTERED = -7,    /* the store was lost, altered, or is another device's: its record was refused */
    RK_AGENT_NO_ENTROPY = -8, /* the entropy source failed its health tests, or the generator its request limit */
    RK_AGENT_ABSENT = -9,     /* this build cannot back up or restore: RK_BACKUP_PROVIDED of backup.h */
};

struct rk_actions {
    uint64_t timer_ns;     /* wake me then; RK_NEVER_ns: no timer */
    uint16_t frame_bytes;  /* 0: nothing to send */
    uint16_t text_bytes;   /* of delivered text */
    int8_t result;         /* enum rk_agent_result */
    uint8_t frame_kind;    /* enum rk_frame_kind */
    uint8_t delivered;     /* text holds what the peer protected */
    uint8_t awaits_reply;  /* the frame sent is answered: keep the receiver on */
    uint8_t wants_entropy; /* the generator nears its request limit: raise RK_EVENT_RESEED. At the limit nothing is
                              generated any more, and renewals fail */
    /* flags for metrics */
    uint8_t renewal_started, renewal_finished, renewal_failed;
    uint8_t record_count;
    struct rk_record record[RK_RECORDS_MAX];
    uint8_t frame[RK_FRAME_MAX_bytes];
    uint8_t text[RK_TEXT_MAX_bytes];
};

enum { RK_RECORD_bytes = 128, RK_NVM_BLOCK_PLACES_MAX = 8 };

/* Non-volatile memory of this agent: two blocks from address 0. On EEPROM (erase_bytes 0) a block is one record of
 * RK_RECORD_bytes, rewritten in place. On flash a block is erase_bytes long, a multiple of RK_RECORD_bytes; the first
 * RK_NVM_BLOCK_PLACES_MAX records of it are used, and written anew only after erase. Zeros may be written over anything.
 * out of the functions: 0, or -1. */
struct rk_nvm {
    void *context;
    uint16_t erase_bytes;                          /* of an erase block; 0: bytes are rewritten in place */
    int (*erase)(void *context, uint32_t address); /* the block at address; NULL where erase_bytes is 0 */
    int (*read)(void *context, uint32_t address, void *out, uint16_t bytes);
    int (*write)(void *context, uint32_t address, const void *in, uint16_t bytes);
};

/* Keys given at provisioning. Both parties of a pair have the same values, save storage_key and static_key. */
struct rk_provision {
    uint8_t authentication_key[32]; /* authenticates ECDH exchanges */
    union {
        struct {
            uint8_t master_key[32]; /* key-derivation key */
            uint8_t kek[16];        /* key-wrapping key */
        };
        uint8_t static_key[32]; /* mechanism static: the server's X25519 pair, the device has the public half, the
                                   server the private one. A P-256 value would cost every agent 17 bytes more */
    };
    uint8_t storage_key[32]; /* seals records in NVM */
    uint8_t backup_key[32];  /* seals what leaves for the backup device, which has it too */
};

struct rk_agent_config {
    uint32_t device_id;   /* names the pair */
    uint8_t role;         /* enum rk_role */
    uint8_t aead;         /* RK_ALG_AES_CCM or RK_ALG_CHACHA20_POLY1305 */
    uint8_t tag_bytes;    /* 8 or 16 */
    uint8_t curve;        /* RK_ALG_X25519 or RK_ALG_P256 */
    uint8_t profile;      /* enum rk_profile */
    uint8_t entropy_bits; /* declared min-entropy of a sample of the source, 1 to 8; 0: 8, a conditioned source */
    uint8_t pair_checks;  /* bits of enum rk_pair_check, for ephemeral key pairs */
    struct rk_policy policy;
};

enum { RK_EXCHANGE_MAX_bytes = 102 }; /* the longest of R1, R2, R3 */

struct rk_exchange {         /* a renewal under way */
    uint8_t stage;           /* 0: none; see exchange.c */
    uint8_t tries;           /* R1 was sent so often */
    uint8_t secret[32];      /* device: ephemeral private key; server: confirmation key. Wiped once used */
    uint8_t request_mac[16]; /* server: tells R1 sent again from a new one */
    uint64_t retry_at_ns;
    uint16_t frame_bytes; /* last frame sent, for retransmission */
    uint8_t frame[RK_EXCHANGE_MAX_bytes];
};

struct rk_store {              /* what is in NVM */
    uint32_t sequence;         /* of the newest record: with boot the AEAD nonce of its seal, never used twice */
    uint32_t boot;             /* random: a sequence that a power cut made forgotten is not the same nonce again */
    uint32_t id_reserved;      /* key ids up to this are covered by NVM */
    uint32_t send_reserved;    /* send counters below this are covered by NVM */
    uint32_t receive_reserved; /* receive counters below this are refused after a restart */
    uint8_t newest;            /* place of the newest record */
};

struct rk_agent {
    struct rk_agent_config config;
    const struct rk_backend *backend;
    struct rk_drbg *drbg; /* backend->drbg_bytes of the caller's memory */
    const struct rk_nvm *nvm;
    struct rk_actions *actions; /* of the step under way */
    uint64_t now_ns;            /* of the step under way */
    uint64_t wake_ns;           /* earliest time at which something is due */
    struct rk_key key[3];       /* previous, current, next */
    struct rk_exchange exchange;
    uint32_t traffic_id; /* mechanisms that chain: of the key that traffic was derived from; 0: none */
    uint8_t traffic[RK_KEY_MAX_bytes];
    struct rk_store store;
    uint32_t last_key_id;         /* device: last id asked for; server: highest id seen in a request */
    uint32_t failed_tags;         /* v, over all keys of the pair: a new key does not forgive forgeries */
    uint64_t renew_not_before_ns; /* after a renewal was given up */
    uint8_t started;
#if RK_POLICY_OWN
    uint8_t drained, losses; /* of the last event */
#endif
    uint16_t drbg_requests; /* of this instantiation, at most */
    struct rk_entropy_health entropy;
    struct rk_provision provision;
};

/* Readies agent in the caller's memory; no crypto, no NVM access yet (that is RK_EVENT_START).
 * in: config, backend, drbg memory, nvm (NULL: nothing persists: a server modelled with a database), provisioned keys.
 * out: RK_AGENT_OK, or RK_AGENT_INVALID when the backend lacks what config needs. */
enum rk_agent_result rk_agent_init(struct rk_agent *agent, const struct rk_agent_config *config,
                                   const struct rk_backend *backend, struct rk_drbg *drbg, const struct rk_nvm *nvm,
                                   const struct rk_provision *provision);

/* Feeds one event. actions is overwritten (only the first frame_bytes and text_bytes of its buffers). */
void rk_agent_step(struct rk_agent *agent, const struct rk_event *event, struct rk_actions *actions);

/* out: the key that protects now, or NULL. */
const struct rk_key *rk_agent_active(const struct rk_agent *agent);

const char *rk_event_name(unsigned kind); /* "start", "send"; NULL outside */

#endif
