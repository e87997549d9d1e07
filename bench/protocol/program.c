/* bench/protocol/program.c - both ends of the protocols on one device, each turn a region of its own
 *
 * Model:  an initiator and a responder in one memory pass each other their messages; a region is one turn of one end,
 *         as the application calls it. Between regions nothing counts. A turn that fails ends the program, so that the
 *         regions behind it, and DONE, are missing.
 * Regions: the list below; README.md and `measure` have their names.
 */
#include "devices/firmware/region.h"
#include "engine/protocol/edhoc.h"
#include "engine/protocol/kudos.h"
#include "engine/protocol/p256_point.h"
#include "engine/protocol/thread_keys.h"
#include "engine/protocol/tls13_update.h"

enum {
    SIGNED = 0, /* EDHOC with method 0, and the six turns of a run */
    STATIC = 16,
    OSCORE_DERIVE = 32,
    OSCORE_PROTECT_REQUEST,
    OSCORE_UNPROTECT_REQUEST,
    OSCORE_PROTECT_RESPONSE,
    OSCORE_UNPROTECT_RESPONSE,
    KUDOS_REQUEST_MAKE = 48,
    KUDOS_REQUEST_TAKE,
    KUDOS_RESPONSE_MAKE,
    KUDOS_RESPONSE_TAKE,
    THREAD_KEYS = 64,
    TLS13_UPDATE,
    P256_POINT,
    DONE = 255,
};

enum { MAKE_1 = 1, TAKE_1, MAKE_2, TAKE_2, MAKE_3, TAKE_3, EXPORT };

#define TURN(region, call)                                                                                             \
    do {                                                                                                               \
        int result;                                                                                                    \
        RK_REGION_START(region);                                                                                       \
        result = (call);                                                                                               \
        RK_REGION_STOP(region);                                                                                        \
        if (result != 0) {                                                                                             \
            return result;                                                                                             \
        }                                                                                                              \
    } while (0)

#define DO(call)                                                                                                       \
    do {                                                                                                               \
        int result = (call);                                                                                           \
        if (result != 0) {                                                                                             \
            return result;                                                                                             \
        }                                                                                                              \
    } while (0)

enum { INITIATOR, RESPONDER, CRED_bytes = 95, DRBG_MAX_bytes = 1024 };

#if RK_SUITE == 4
enum { AGREEMENT = RK_ALG_X25519, SIGNATURE = RK_ALG_ED25519, AEAD = RK_ALG_CHACHA20_POLY1305 };
#else
enum { AGREEMENT = RK_ALG_P256, SIGNATURE = RK_ALG_ECDSA_P256, AEAD = RK_ALG_AES_CCM };
#endif

static union {
    uint64_t align;
    uint8_t bytes[DRBG_MAX_bytes];
} drbg_memory;

static const struct rk_backend *backend;
static struct rk_drbg *drbg;
static struct rk_edhoc sessions[2];
static uint8_t private_keys[2][RK_PRIVATE_bytes], public_keys[2][RK_PUBLIC_MAX_bytes];
static uint8_t creds[2][CRED_bytes], id_creds[2][4];
static struct rk_edhoc_credential own[2], known[2];
static struct rk_oscore contexts[2];
static struct rk_kudos kudos[2];
static const uint8_t suite = RK_SUITE;

/* A CCS of the length of RFC 9529's, and its kid. */
static void make_credential(int side)
{
    for (uint8_t i = 0; i < CRED_bytes; i++) {
        creds[side][i] = (uint8_t)(i + side);
    }
    id_creds[side][0] = 0xA1;
    id_creds[side][1] = 4;
    id_creds[side][2] = 0x41;
    id_creds[side][3] = (uint8_t)(0x2B + side);
    own[side] = (struct rk_edhoc_credential){.id_cred = id_creds[side],
                                             .id_cred_bytes = 4,
                                             .cred = creds[side],
                                             .cred_bytes = CRED_bytes,
                                             .public_key = public_keys[side]};
    known[side] = own[side];
    own[side].private_key = private_keys[side];
}

static int begin_sessions(uint8_t method, uint8_t key_alg)
{
    for (int side = 0; side < 2; side++) {
        DO(backend->key_pair(key_alg, drbg, private_keys[side], public_keys[side]));
        make_credential(side);
        struct rk_edhoc_config config = {.backend = backend,
                                         .drbg = drbg,
                                         .suites = &suite,
                                         .suite_count = 1,
                                         .suite = suite,
                                         .own = &own[side],
                                         .peers = &known[1 - side],
                                         .peer_count = 1,
                                         .method = method,
                                         .methods = 15,
                                         .id_bytes = 1,
                                         .id = {(uint8_t)(10 + side)}};
        rk_edhoc_begin(&sessions[side], side == INITIATOR ? RK_EDHOC_INITIATOR : RK_EDHOC_RESPONDER, &config);
    }
    return 0;
}

/* Regions are constants: the two methods are written out. */
#define EDHOC(first)                                                                                                   \
    do {                                                                                                               \
        TURN((first) + MAKE_1, rk_edhoc_message_1_make(&sessions[INITIATOR], message, sizeof message, &bytes));        \
        TURN((first) + TAKE_1, rk_edhoc_message_1_take(&sessions[RESPONDER], message, bytes));                         \
        TURN((first) + MAKE_2, rk_edhoc_message_2_make(&sessions[RESPONDER], message, sizeof message, &bytes));        \
        TURN((first) + TAKE_2, rk_edhoc_message_2_take(&sessions[INITIATOR], message, bytes));                         \
        TURN((first) + MAKE_3, rk_edhoc_message_3_make(&sessions[INITIATOR], message, sizeof message, &bytes));        \
        TURN((first) + TAKE_3, rk_edhoc_message_3_take(&sessions[RESPONDER], message, bytes));                         \
        TURN((first) + EXPORT, rk_edhoc_oscore(&sessions[INITIATOR], &contexts[INITIATOR]));                           \
        DO(rk_edhoc_oscore(&sessions[RESPONDER], &contexts[RESPONDER]));                                               \
    } while (0)

static int run_signed(void)
{
    uint8_t message[RK_EDHOC_MESSAGE_MAX_bytes];
    uint16_t bytes;
    DO(begin_sessions(0, SIGNATURE));
    EDHOC(SIGNED);
    return 0;
}

static int run_static(void)
{
    uint8_t message[RK_EDHOC_MESSAGE_MAX_bytes];
    uint16_t bytes;
    DO(begin_sessions(3, AGREEMENT));
    EDHOC(STATIC);
    return 0;
}

/* A reading of 16 bytes in a request, and an answer with as much. */
static int run_oscore(void)
{
    static const uint8_t path[] = {0xB3, 't', 'v', '1'}, reading[16] = {1, 2, 3};
    struct rk_oscore_plain plain = {
        .code = 2, .options = path, .options_bytes = 4, .payload = reading, .payload_bytes = 16};
    struct rk_oscore_plain opened;
    struct rk_oscore_option option = {0}, answer = {0};
    struct rk_oscore_request request, seen;
    uint8_t text[64];
    uint16_t bytes;
    static struct rk_oscore again;
    struct rk_oscore *client = &contexts[INITIATOR], *server = &contexts[RESPONDER];
    struct rk_oscore_input input = {.alg = AEAD,
                                    .secret = reading,
                                    .secret_bytes = 16,
                                    .salt = reading,
                                    .salt_bytes = 8,
                                    .sender_id = reading,
                                    .sender_id_bytes = 1};
    TURN(OSCORE_DERIVE, rk_oscore_derive(backend, &input, &again));
    TURN(OSCORE_PROTECT_REQUEST,
         rk_oscore_protect_request(backend, client, &plain, &option, text, sizeof text, &bytes, &request));
    TURN(OSCORE_UNPROTECT_REQUEST, rk_oscore_unprotect_request(backend, server, &option, text, bytes, &opened, &seen));
    TURN(OSCORE_PROTECT_RESPONSE,
         rk_oscore_protect_response(backend, server, &plain, &seen, false, &answer, text, sizeof text, &bytes));
    TURN(OSCORE_UNPROTECT_RESPONSE,
         rk_oscore_unprotect_response(backend, client, &request, &answer, text, bytes, &opened));
    return 0;
}

static int run_kudos(void)
{
    struct rk_oscore_plain nothing = {.code = 2}, opened;
    struct rk_oscore_option option = {0}, answer = {0};
    uint8_t text[32];
    uint16_t bytes;
    for (int side = 0; side < 2; side++) {
        kudos[side] = (struct rk_kudos){.backend = backend, .drbg = drbg, .from = &contexts[side], .nonce_bytes = 8};
    }
    TURN(KUDOS_REQUEST_MAKE, rk_kudos_request_make(&kudos[INITIATOR], &nothing, &option, text, sizeof text, &bytes));
    TURN(KUDOS_REQUEST_TAKE, rk_kudos_request_take(&kudos[RESPONDER], &option, text, bytes, &opened));
    TURN(KUDOS_RESPONSE_MAKE, rk_kudos_response_make(&kudos[RESPONDER], &nothing, &answer, text, sizeof text, &bytes));
    TURN(KUDOS_RESPONSE_TAKE, rk_kudos_response_take(&kudos[INITIATOR], &answer, text, bytes, &opened));
    return 0;
}

static int run_small(void)
{
    uint8_t secret[RK_TLS13_SECRET_bytes] = {1}, mle[RK_THREAD_KEY_bytes], mac[RK_THREAD_KEY_bytes];
    TURN(THREAD_KEYS, rk_thread_keys(backend, secret, 1, mle, mac));
    TURN(TLS13_UPDATE, rk_tls13_update(backend, secret));
#if RK_SUITE != 4
    static uint8_t point[65];
    TURN(P256_POINT, !rk_p256_point(sessions[INITIATOR].own_x, point));
#endif
    return 0;
}

static int run(void)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    backend = rk_backend_get();
    drbg = (struct rk_drbg *)drbg_memory.bytes;
    for (uint8_t i = 0; i < sizeof entropy; i++) {
        entropy[i] = (uint8_t)(i * 37 + 11);
    }
    if (backend->drbg_bytes > sizeof drbg_memory) {
        return 1;
    }
    DO(backend->drbg_init(drbg, backend->drbg_alg, entropy));
    DO(run_signed());
    DO(run_static());
    DO(run_oscore());
    DO(run_kudos());
    DO(run_small());
    RK_REGION_START(DONE);
    RK_REGION_STOP(DONE);
    return 0;
}

int main(void)
{
    run();
    RK_REGION_EXIT();
    return 0;
}
