/* The nonces of all records ever written, when power is cut again and again while one is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/nvm.h"

/* A backend that seals by a checksum, and remembers under which nonces. Fast: 10^6 chains of restarts are tried. */

enum { NONCES_MAX = 16 };
static uint8_t nonces[NONCES_MAX][RKI_NONCE_MAX_bytes];
static int sealed;
static uint32_t drawn;

static void checksum(const struct rk_aead_job *job, const uint8_t *text, uint8_t tag[16])
{
    uint64_t sum = 0xCBF29CE484222325u;
    for (int i = 0; i < RKI_NONCE_MAX_bytes; i++)
        sum = (sum ^ job->nonce[i]) * 0x100000001B3u;
    for (int i = 0; i < job->aad_bytes; i++)
        sum = (sum ^ job->aad[i]) * 0x100000001B3u;
    for (int i = 0; i < job->text_bytes; i++)
        sum = (sum ^ text[i]) * 0x100000001B3u;
    memcpy(tag, &sum, 8);
    memcpy(tag + 8, &sum, 8);
}

static enum rk_crypto seal(const struct rk_aead_job *job)
{
    checksum(job, job->in, job->tag);
    memmove(job->out, job->in, job->text_bytes);
    assert_true(sealed < NONCES_MAX);
    memcpy(nonces[sealed++], job->nonce, RKI_NONCE_MAX_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto open(const struct rk_aead_job *job)
{
    uint8_t tag[16];
    checksum(job, job->in, tag);
    return memcmp(tag, job->tag, sizeof tag) == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}

/* Each boot draws another number, as 32 random bits all but surely are. */
static enum rk_crypto generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    (void)drbg;
    (void)alg;
    drawn = drawn * 1664525u + 1013904223u;
    memset(out, 0, out_bytes);
    memcpy(out, &drawn, out_bytes < 4 ? out_bytes : 4);
    return RK_CRYPTO_OK;
}

static void wipe(void *memory, size_t bytes)
{
    memset(memory, 0, bytes);
}

static const struct rk_backend backend = {
    .aead_seal = seal, .aead_open = open, .drbg_generate = generate, .wipe = wipe};

static struct rk_agent agent;
static struct nvm nvm;
static bool powered;

static void boot(void)
{
    bool found;
    uint32_t wiped_id;
    powered = true;
    memset(&agent, 0, sizeof agent);
    agent.config.aead = RK_ALG_AES_CCM;
    agent.backend = &backend;
    agent.nvm = &nvm.port;
    rki_store_restore(&agent, &found, &wiped_id);
}

/* Uses counters and covers more of them; out: the counter that may be used next, or UINT32_MAX without power. */
static uint32_t use(void)
{
    struct rk_key *key = &agent.key[RKI_CURRENT];
    if (rki_store_reserve(&agent, key, RK_STATE_ACTIVE) != 0)
        return UINT32_MAX;
    uint32_t counter = key->protected_messages;
    key->protected_messages = agent.store.send_reserved; /* all that is covered is used */
    return counter;
}

static void expect_nonces_differ(void)
{
    for (int i = 0; i < sealed; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(nonces[i], nonces[j], RKI_NONCE_MAX_bytes);
}

/* Three cuts in a row, each at any event up to `span` after its boot; then a commit that succeeds. Counters grow. */
static void chain(const struct nvm *start, const int cut[3], uint32_t used)
{
    nvm = *start;
    sealed = 0;
    for (int i = 0; i <= 3; i++) {
        nvm.cut_at = i < 3 ? nvm.events + cut[i] : -1;
        boot();
        if (!powered)
            continue;
        assert_true(agent.key[RKI_CURRENT].protected_messages >= used);
        uint32_t counter = use();
        if (counter != UINT32_MAX)
            used = agent.store.send_reserved;
    }
    assert_true(powered);
    expect_nonces_differ();
    assert_null(nvm.broken);
}

static void no_nonce_repeats_over_three_cuts(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        nvm_init(&nvm, geometry, &powered);
        sealed = 0;
        boot();
        agent.key[RKI_CURRENT].id = 1;
        agent.key[RKI_CURRENT].state = RK_STATE_ACTIVE;
        for (int i = 0; i < 2; i++)
            assert_int_not_equal(use(), UINT32_MAX);
        uint32_t used = agent.store.send_reserved;
        struct nvm start = nvm;
        long before = nvm.events;
        use();
        int span = (int)(nvm.events - before) + 1;
        long chains = 0;
        for (uint8_t torn = 0; torn < NVM_TORN_COUNT; torn++) {
            start.torn = torn;
            int cut[3];
            for (cut[0] = 0; cut[0] < span; cut[0]++)
                for (cut[1] = 0; cut[1] < span; cut[1]++)
                    for (cut[2] = 0; cut[2] < span; cut[2]++, chains++)
                        chain(&start, cut, used);
        }
        print_message("%ld chains of three cuts within %d events\n", chains, span);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_nonce_repeats_over_three_cuts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
