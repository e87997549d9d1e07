/* The derivation graph and the trial agree, on every library: what an adversary knows leads to the new key, or does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/model/association.h"
#include "tests/backends/loaded.h"

/* out: whether this library was tried with it. */
static bool agree_on(const struct rk_backend *backend, uint8_t mechanism, uint8_t curve, uint8_t aead, bool first)
{
    bool computed[RK_KNOWLEDGE_SETS];
    struct rk_diag diag;
    struct rk_agent_config config = {
        .device_id = 7,
        .aead = aead,
        .tag_bytes = 16,
        .curve = curve,
        .policy = {.mechanism = mechanism, .attempts = 1, .retry_ns = 1000000000, .cryptoperiod_ns = RK_NEVER_ns}};
    struct rk_association graph = rk_association_of(mechanism, first);
    enum rk_err err = rk_association_try(backend, &config, first, 1 + mechanism, computed, &diag);
    if (err == RK_ERR_INPUT) {
        return false;
    }
    if (err != RK_OK) {
        fail_msg("%s %s: %s", backend->name, backend->version, diag.text);
    }
    for (unsigned knowledge = 0; knowledge < RK_KNOWLEDGE_SETS; knowledge++) {
        if (computed[knowledge] != rk_association_computable(&graph, (uint8_t)knowledge)) {
            fail_msg("%s %s, %s: knowledge %#x: computed %d", backend->name, backend->version,
                     rk_mechanism_name(mechanism), knowledge, computed[knowledge]);
        }
    }
    /* The graph is not only right, it is seen to lead to the key: all that there is to know is enough. */
    assert_true(computed[RK_KNOWLEDGE_SETS - 1]);
    assert_false(computed[0]);
    return true;
}

static void graph_and_trial_agree(void **unused)
{
    (void)unused;
    static const uint8_t curves[] = {RK_ALG_X25519, RK_ALG_P256};
    static const uint8_t aeads[] = {RK_ALG_AES_CCM, RK_ALG_CHACHA20_POLY1305};
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        unsigned tried = 0;
        for (unsigned i = 0; i < LOADED_COUNT * 8; i++) {
            const struct rk_backend *backend = loaded[i / 8].backend;
            if (!has_drbg(backend)) {
                continue;
            }
            tried += agree_on(backend, mechanism, curves[i & 1], aeads[i >> 1 & 1], (i & 4) != 0);
        }
        /* Keys and suites of five libraries; libsodium has neither CCM nor P-256 nor AES key wrap. */
        static const unsigned expected[RK_MECHANISM_COUNT] = {
            [RK_MECHANISM_ECDH] = 4 * 8 + 2,    [RK_MECHANISM_DERIVE] = 4 * 8 + 4, [RK_MECHANISM_TRANSPORT] = 4 * 8,
            [RK_MECHANISM_REFRESH] = 4 * 8 + 4, [RK_MECHANISM_UPDATE] = 4 * 8 + 4, [RK_MECHANISM_COUNTER] = 4 * 8 + 4,
            [RK_MECHANISM_STATIC] = 4 * 4 + 2};
        assert_int_equal(tried, expected[mechanism]);
    }
}

static void the_class_follows_from_the_graph(void **unused)
{
    (void)unused;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_association graph = rk_association_of(mechanism, false);
        assert_string_equal(rk_association_class(&graph), rk_mechanism_class(mechanism));
    }
    /* A chain's first key comes from the master key: no update, a derivation. */
    struct rk_association refresh = rk_association_of(RK_MECHANISM_REFRESH, true);
    struct rk_association update = rk_association_of(RK_MECHANISM_UPDATE, true);
    assert_string_equal(rk_association_class(&refresh), "A2");
    assert_string_equal(rk_association_class(&update), "A5");
    struct rk_association none = rk_association_of(RK_MECHANISM_COUNT, false);
    assert_null(rk_association_class(&none));
    assert_false(rk_association_computable(&none, RK_KNOWLEDGE_SETS - 1));
}

static void terms_of_sp_800_57(void **unused)
{
    (void)unused;
    static const char *const terms[][2] = {{"A0", "rekey"},      {"A1", "rekey"},      {"A2", "key derivation"},
                                           {"A3", "key update"}, {"A4", "key update"}, {"A5", "key derivation"}};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        assert_string_equal(rk_association_term(terms[i][0]), terms[i][1]);
    }
    assert_null(rk_association_term("A6"));
    assert_null(rk_association_term(NULL));
}

/* What the requirement asks: neither old key nor transcript leads to the new key, in the classes that pass alone. */
static void only_a0_and_a1_are_not_associated(void **unused)
{
    (void)unused;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_association graph = rk_association_of(mechanism, false);
        const char *class = rk_association_class(&graph);
        bool from_old = rk_association_computable(&graph, RK_KNOWS_OLD_KEY | RK_KNOWS_TRANSCRIPT);
        assert_int_equal(from_old, strcmp(rk_association_term(class), "key update") == 0);
        assert_int_equal(graph.fresh, strcmp(class, "A0") == 0 || strcmp(class, "A1") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graph_and_trial_agree),
        cmocka_unit_test(the_class_follows_from_the_graph),
        cmocka_unit_test(terms_of_sp_800_57),
        cmocka_unit_test(only_a0_and_a1_are_not_associated),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
