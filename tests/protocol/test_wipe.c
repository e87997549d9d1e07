/* What a turn leaves on its stack: none of the secrets that the library gave it or took from it. The library is
 * `modelled`; what it leaves on its own stack is cleared; the turns run on a stack of their own, which is looked
 * through when they are over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include "backends/modelled/modelled.h"
#include "engine/protocol/ble_pairing.h"
#include "engine/protocol/kdc_push.h"
#include "engine/protocol/kudos.h"
#include "engine/protocol/tls13_update.h"
#include "tests/protocol/peers.h"

enum { STACK_bytes = 256 * 1024, SECRETS_MAX = 256, SECRET_bytes = 16 };

static uint8_t secrets[SECRETS_MAX][SECRET_bytes];
static unsigned secret_count;
static uint8_t *stack;
static ucontext_t here, there;
static struct rk_backend modelled;

/* --- a library that remembers what was secret --- */

/* What the library itself leaves below its caller is not looked for. */
static __attribute__((noinline)) void clear_below(void)
{
    volatile uint8_t dead[4096];
    for (size_t i = 0; i < sizeof dead; i++) {
        dead[i] = 0;
    }
}

static void note(const uint8_t *secret)
{
    assert_in_range(secret_count, 0, SECRETS_MAX - 1);
    memcpy(secrets[secret_count++], secret, SECRET_bytes);
}

static enum rk_crypto noted_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                  const uint8_t *peer_public, uint8_t secret[32])
{
    enum rk_crypto result = modelled.agree(alg, drbg, private_key, peer_public, secret);
    clear_below();
    note(private_key);
    note(secret);
    return result;
}

/* What comes out becomes a key or a pseudo-random key. What goes in is one that came out before, or a public salt. */
static enum rk_crypto noted_mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                uint16_t in_bytes, uint8_t *out)
{
    enum rk_crypto result = modelled.mac(alg, key, key_bytes, in, in_bytes, out);
    clear_below();
    note(out);
    return result;
}

static enum rk_crypto noted_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    enum rk_crypto result = modelled.key_pair(alg, drbg, private_key, public_key);
    clear_below();
    note(private_key);
    return result;
}

static enum rk_crypto noted_kdf(const struct rk_kdf_job *job)
{
    enum rk_crypto result = modelled.kdf(job);
    clear_below();
    if (job->out_bytes >= SECRET_bytes) {
        note(job->out);
    }
    return result;
}

static enum rk_crypto noted_seal(const struct rk_aead_job *job)
{
    note(job->key);
    return modelled.aead_seal(job);
}

static enum rk_crypto noted_open(const struct rk_aead_job *job)
{
    note(job->key);
    return modelled.aead_open(job);
}

/* `modelled` has no signatures: this stands for one, by the public key. */
static enum rk_crypto model_signature(const struct rk_sign_job *job, uint8_t signature[64])
{
    return modelled.mac(RK_ALG_HMAC_SHA512, job->public_key, 32, job->message, job->message_bytes, signature);
}

static enum rk_crypto noted_sign(const struct rk_sign_job *job)
{
    note(job->private_key);
    return model_signature(job, job->signature);
}

static enum rk_crypto model_verify(const struct rk_sign_job *job)
{
    uint8_t signature[64];
    model_signature(job, signature);
    return memcmp(signature, job->signature, sizeof signature) == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}

static const struct rk_backend *noted(void)
{
    static struct rk_backend table;
    rk_modelled_init(&modelled, ~0ull >> (64 - RK_ALG_COUNT), RK_ALG_CTR_DRBG);
    table = modelled;
    table.sign = noted_sign;
    table.verify = model_verify;
    table.key_pair = noted_key_pair;
    table.agree = noted_agree;
    table.mac = noted_mac;
    table.kdf = noted_kdf;
    table.aead_seal = noted_seal;
    table.aead_open = noted_open;
    secret_count = 0;
    return &table;
}

/* --- a stack of its own --- */

static void run_there(void (*turns)(void))
{
    memset(stack, 0, STACK_bytes);
    assert_int_equal(getcontext(&there), 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = STACK_bytes;
    there.uc_link = &here;
    makecontext(&there, turns, 0);
    assert_int_equal(swapcontext(&here, &there), 0);
}

static unsigned left(void)
{
    unsigned found = 0;
    for (unsigned i = 0; i < secret_count; i++) {
        found += holds(stack, STACK_bytes, secrets[i], SECRET_bytes);
    }
    return found;
}

/* --- the turns --- */

static struct peers peers;
static enum rk_message_result outcome;
static int message; /* whose turn: 0 to 2 made, then taken */
static bool taken;

static void one_turn(void)
{
    static enum rk_message_result (*const make[])(struct rk_edhoc *, uint8_t *, uint16_t, uint16_t *) = {
        rk_edhoc_message_1_make, rk_edhoc_message_2_make, rk_edhoc_message_3_make};
    static enum rk_message_result (*const take[])(struct rk_edhoc *, const uint8_t *, uint16_t) = {
        rk_edhoc_message_1_take, rk_edhoc_message_2_take, rk_edhoc_message_3_take};
    struct rk_edhoc *maker = message == 1 ? &peers.responder : &peers.initiator;
    struct rk_edhoc *taker = message == 1 ? &peers.initiator : &peers.responder;
    uint8_t *text = peers.messages[message];
    outcome = taken ? take[message](taker, text, peers.sizes[message])
                    : make[message](maker, text, RK_EDHOC_MESSAGE_MAX_bytes, &peers.sizes[message]);
}

/* Sessions, their keys and the messages stand outside the stack, which is looked through after each turn for the
 * secrets of both ends so far; a spoilt message ends the run. out: whether it came to its end. */
static bool run_turns(int spoilt)
{
    for (message = 0; message < 3; message++) {
        for (int way = 0; way < 2; way++) {
            taken = way == 1;
            peers.messages[message][34] ^= taken && spoilt == message;
            run_there(one_turn);
            assert_int_equal(left(), 0);
            if (outcome != RK_MESSAGE_OK) {
                return false;
            }
        }
    }
    return true;
}

static void test_edhoc(void **state)
{
    (void)state;
    for (uint8_t method = 0; method < 4; method++) {
        for (int spoilt = -1; spoilt < 3; spoilt++) {
            peers_begin(&peers, noted(), method, 0, PEERS_KID);
            bool short_one = method > 1 && spoilt == 2; /* has no byte 34 */
            assert_int_equal(run_turns(spoilt), spoilt < 0 || short_one);
            assert_true(secret_count > (spoilt < 0 ? 20 : 3));
            static const uint8_t nothing[RK_PRIVATE_bytes];
            if (spoilt < 0) {
                assert_memory_equal(peers.initiator.private_key, nothing, sizeof nothing);
                assert_memory_equal(peers.responder.private_key, nothing, sizeof nothing);
            }
        }
    }
}

static struct rk_oscore client;
static struct rk_kudos kudos;
static union state_memory drbg_memory;
static const uint8_t secret[32] = {0x51, 0x2F, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};

static void export_oscore(void)
{
    outcome = rk_edhoc_oscore(&peers.initiator, &client);
}

static void update(void)
{
    outcome = rk_edhoc_key_update(&peers.initiator, secret, 8);
}

static void ask(void)
{
    struct rk_oscore_plain plain = {.code = 1};
    struct rk_oscore_option option = {0};
    uint8_t text[32];
    uint16_t bytes;
    outcome = rk_kudos_request_make(&kudos, &plain, &option, text, sizeof text, &bytes);
}

static void test_exports(void **state)
{
    (void)state;
    peers_begin(&peers, noted(), 3, 0, PEERS_KID);
    assert_int_equal(peers_run(&peers), RK_MESSAGE_OK);
    kudos = (struct rk_kudos){.backend = peers.initiator.config.backend, .from = &client, .nonce_bytes = 8};
    kudos.drbg = drbg_make(&modelled, &drbg_memory, 1);
    void (*const turns[])(void) = {export_oscore, update, export_oscore, ask};
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        run_there(turns[i]);
        assert_int_equal(outcome, RK_MESSAGE_OK);
        assert_int_equal(left(), 0);
    }
}

static uint8_t traffic[32], keys[2][16], iv[12];

static void next_secret(void)
{
    outcome = rk_tls13_update(peers.initiator.config.backend, traffic);
}

static void next_keys(void)
{
    outcome = rk_tls13_keys(peers.initiator.config.backend, traffic, keys[0], 16, iv);
}

static void pair(void)
{
    static const uint8_t nonce[16], address[7];
    struct rk_ble_pair pair = {.nonce_1 = nonce, .nonce_2 = nonce, .address_1 = address, .address_2 = address};
    outcome = rk_ble_f5(peers.initiator.config.backend, secret, &pair, keys[0], keys[1]);
}

static void test_small(void **state)
{
    (void)state;
    void (*const turns[])(void) = {next_secret, next_keys};
    memcpy(traffic, secret, sizeof traffic);
    peers.initiator.config.backend = noted();
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        run_there(turns[i]);
        assert_int_equal(outcome, RK_MESSAGE_OK);
        assert_int_equal(left(), 0);
    }
    noted();
    run_there(pair);
    assert_int_equal(outcome, RK_MESSAGE_OK);
    assert_int_equal(left(), 0);
}

static int make_stack(void **state)
{
    (void)state;
    stack = malloc(STACK_bytes);
    return stack == NULL ? -1 : 0;
}

static int free_stack(void **state)
{
    (void)state;
    free(stack);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edhoc),
        cmocka_unit_test(test_exports),
        cmocka_unit_test(test_small),
    };
    return cmocka_run_group_tests(tests, make_stack, free_stack);
}
