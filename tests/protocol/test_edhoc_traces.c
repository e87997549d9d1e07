/* The traces of RFC 9529, byte for byte, with every library that has their primitives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/protocol/support.h"
#include "tests/protocol/vectors_edhoc.h"

/* Both ends of a trace. */
struct run {
    struct bytes suites, id_i, id_r, cred_i, cred_r, sk_i, sk_r, pk_i, pk_r, x, y;
    struct rk_edhoc_credential own_i, own_r, peer_i, peer_r;
    struct rk_edhoc initiator, responder;
    union state_memory memory;
    struct rk_drbg *drbg;
};

static struct rk_edhoc_config config_of(struct run *run, const struct rk_backend *backend,
                                        const struct edhoc_trace *trace, const char *id)
{
    struct bytes c = from_hex(id);
    struct rk_edhoc_config config = {.backend = backend,
                                     .drbg = run->drbg,
                                     .suites = run->suites.at,
                                     .suite_count = (uint8_t)run->suites.bytes,
                                     .suite = trace->suite,
                                     .method = trace->method,
                                     .methods = (uint8_t)(1 << trace->method),
                                     .peer_count = 1,
                                     .id_bytes = (uint8_t)c.bytes};
    memcpy(config.id, c.at, c.bytes);
    return config;
}

static struct rk_edhoc_credential credential(const struct bytes *id, const struct bytes *cred, const struct bytes *pk,
                                             const struct bytes *sk)
{
    return (struct rk_edhoc_credential){.id_cred = id->at,
                                        .id_cred_bytes = id->bytes,
                                        .cred = cred->at,
                                        .cred_bytes = cred->bytes,
                                        .public_key = pk->at,
                                        .private_key = sk == NULL ? NULL : sk->at};
}

static void begin(struct run *run, const struct rk_backend *backend, const struct edhoc_trace *trace)
{
    run->suites = from_hex(trace->suites_i);
    run->id_i = from_hex(trace->id_cred_i);
    run->id_r = from_hex(trace->id_cred_r);
    run->cred_i = from_hex(trace->cred_i);
    run->cred_r = from_hex(trace->cred_r);
    run->sk_i = from_hex(trace->sk_i);
    run->sk_r = from_hex(trace->sk_r);
    run->pk_i = from_hex(trace->pk_i);
    run->pk_r = from_hex(trace->pk_r);
    run->x = from_hex(trace->x);
    run->y = from_hex(trace->y);
    run->own_i = credential(&run->id_i, &run->cred_i, &run->pk_i, &run->sk_i);
    run->own_r = credential(&run->id_r, &run->cred_r, &run->pk_r, &run->sk_r);
    run->peer_i = credential(&run->id_i, &run->cred_i, &run->pk_i, NULL);
    run->peer_r = credential(&run->id_r, &run->cred_r, &run->pk_r, NULL);
    run->drbg = drbg_make(backend, &run->memory, 7);
    struct rk_edhoc_config config = config_of(run, backend, trace, trace->c_i);
    config.own = &run->own_i;
    config.peers = &run->peer_r;
    rk_edhoc_begin(&run->initiator, RK_EDHOC_INITIATOR, &config);
    config = config_of(run, backend, trace, trace->c_r);
    config.own = &run->own_r;
    config.peers = &run->peer_i;
    config.suites = &run->suites.at[run->suites.bytes - 1]; /* only the last */
    config.suite_count = 1;
    rk_edhoc_begin(&run->responder, RK_EDHOC_RESPONDER, &config);
}

static void follow(const struct rk_backend *inner, const struct edhoc_trace *trace)
{
    struct run run;
    uint8_t message[RK_EDHOC_MESSAGE_MAX_bytes];
    uint16_t bytes = 0;
    const struct rk_backend *backend = counted(inner);
    begin(&run, backend, trace);
    ephemeral = run.x.at;
    assert_int_equal(rk_edhoc_message_1_make(&run.initiator, message, sizeof message, &bytes), RK_MESSAGE_OK);
    assert_true(is_hex(message, bytes, trace->message_1));
    assert_int_equal(rk_edhoc_message_1_take(&run.responder, message, bytes), RK_MESSAGE_OK);
    ephemeral = run.y.at;
    assert_int_equal(rk_edhoc_message_2_make(&run.responder, message, sizeof message, &bytes), RK_MESSAGE_OK);
    assert_true(is_hex(message, bytes, trace->message_2));
    assert_int_equal(rk_edhoc_message_2_take(&run.initiator, message, bytes), RK_MESSAGE_OK);
    assert_int_equal(rk_edhoc_message_3_make(&run.initiator, message, sizeof message, &bytes), RK_MESSAGE_OK);
    assert_true(is_hex(message, bytes, trace->message_3));
    assert_int_equal(rk_edhoc_message_3_take(&run.responder, message, bytes), RK_MESSAGE_OK);
    ephemeral = NULL;
    assert_int_equal(rk_edhoc_message_4_make(&run.responder, message, sizeof message, &bytes), RK_MESSAGE_OK);
    assert_int_equal(bytes, 9);
    assert_int_equal(rk_edhoc_message_4_take(&run.initiator, message, bytes), RK_MESSAGE_OK);
    struct rk_edhoc *ends[] = {&run.initiator, &run.responder};
    for (int i = 0; i < 2; i++) {
        uint8_t secret[16], salt[8];
        assert_int_equal(rk_edhoc_export(ends[i], 0, NULL, 0, secret, sizeof secret), RK_MESSAGE_OK);
        assert_int_equal(rk_edhoc_export(ends[i], 1, NULL, 0, salt, sizeof salt), RK_MESSAGE_OK);
        assert_true(is_hex(ends[i]->prk, sizeof ends[i]->prk, trace->prk_out));
        assert_true(is_hex(secret, sizeof secret, trace->oscore_secret));
        assert_true(is_hex(salt, sizeof salt, trace->oscore_salt));
    }
    assert_ptr_equal(run.initiator.peer, &run.peer_r);
    assert_ptr_equal(run.responder.peer, &run.peer_i);
}

static void test_method_0_suite_0(void **state)
{
    (void)state;
    unsigned ran = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        if (rk_backend_has(backend, RK_ALG_ED25519) && rk_backend_has(backend, RK_ALG_AES_CCM)) {
            follow(backend, &TRACE_SIGNATURES);
            ran++;
        }
    }
    assert_int_equal(ran, 2); /* both wolfSSL */
}

static void test_method_3_suite_2(void **state)
{
    (void)state;
    unsigned ran = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        if (rk_backend_has(backend, RK_ALG_P256) && rk_backend_has(backend, RK_ALG_AES_CCM)) {
            follow(backend, &TRACE_STATIC);
            ran++;
        }
    }
    assert_int_equal(ran, 4); /* both mbedTLS, both wolfSSL */
}

static void test_wrong_suite(void **state)
{
    (void)state;
    struct run run;
    uint8_t answer[8];
    uint16_t bytes = 0;
    begin(&run, loaded[0].backend, &TRACE_STATIC);
    struct bytes message = from_hex(WRONG_SUITE_MESSAGE_1);
    assert_int_equal(rk_edhoc_message_1_take(&run.responder, message.at, message.bytes), RK_MESSAGE_UNSUPPORTED);
    assert_int_equal(rk_edhoc_wrong_suite(&run.responder.config, answer, sizeof answer, &bytes), RK_MESSAGE_OK);
    assert_true(is_hex(answer, bytes, WRONG_SUITE_ANSWER));
}

static void test_key_update(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct run run;
        struct bytes prk_out = from_hex(KEY_UPDATE[0]), context = from_hex(KEY_UPDATE[1]);
        uint8_t message[RK_EDHOC_MESSAGE_MAX_bytes], secret[16], salt[8];
        begin(&run, loaded[0].backend, &TRACE_STATIC);
        struct rk_edhoc *ends[] = {&run.initiator, &run.responder};
        uint16_t bytes = 0;
        assert_int_equal(rk_edhoc_message_1_make(ends[0], message, sizeof message, &bytes), RK_MESSAGE_OK);
        assert_int_equal(rk_edhoc_message_1_take(ends[1], message, bytes), RK_MESSAGE_OK);
        assert_int_equal(rk_edhoc_message_2_make(ends[1], message, sizeof message, &bytes), RK_MESSAGE_OK);
        assert_int_equal(rk_edhoc_message_2_take(ends[0], message, bytes), RK_MESSAGE_OK);
        assert_int_equal(rk_edhoc_message_3_make(ends[0], message, sizeof message, &bytes), RK_MESSAGE_OK);
        assert_int_equal(rk_edhoc_export(ends[0], 0, NULL, 0, secret, sizeof secret), RK_MESSAGE_OK);
        ends[0]->config.backend = loaded[i].backend;
        memcpy(ends[0]->prk, prk_out.at, sizeof ends[0]->prk);
        assert_int_equal(rk_edhoc_key_update(ends[0], context.at, (uint8_t)context.bytes), RK_MESSAGE_OK);
        assert_true(is_hex(ends[0]->prk, sizeof ends[0]->prk, KEY_UPDATE[2]));
        assert_int_equal(rk_edhoc_export(ends[0], 0, NULL, 0, secret, sizeof secret), RK_MESSAGE_OK);
        assert_int_equal(rk_edhoc_export(ends[0], 1, NULL, 0, salt, sizeof salt), RK_MESSAGE_OK);
        assert_true(is_hex(secret, sizeof secret, KEY_UPDATE[3]));
        assert_true(is_hex(salt, sizeof salt, KEY_UPDATE[4]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_method_0_suite_0),
        cmocka_unit_test(test_method_3_suite_2),
        cmocka_unit_test(test_wrong_suite),
        cmocka_unit_test(test_key_update),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
