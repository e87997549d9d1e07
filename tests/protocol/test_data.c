/* scenarios/protocols/edhoc*.yaml say what EDHOC does when it runs: the bytes of its three messages, and the operations
 * on P-256 of the device's role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/study/protocol_file.h"
#include "tests/protocol/peers.h"

/* Each method with each kind of credential, run once. */
static struct peers runs[4][2];

static unsigned count_of(const struct rk_protocol *protocol, uint8_t operation)
{
    unsigned count = 0;
    for (size_t f = 0; f < protocol->flights; f++) {
        for (size_t w = 0; w < protocol->flight[f].device_works; w++) {
            const struct rk_protocol_work *work = &protocol->flight[f].device[w];
            count += work->operation == operation ? work->count : 0;
        }
    }
    return count;
}

static bool carries(const struct rk_protocol_flight *flight, uint16_t bytes)
{
    for (size_t p = 0; p < flight->parts; p++) {
        if (flight->part[p].bytes.value == bytes) {
            return true;
        }
    }
    return false;
}

static bool is_run(const struct rk_protocol *protocol, const struct peers *run)
{
    const struct counts *device = &run->counts[0];
    for (unsigned m = 0; m < 3; m++) {
        if (protocol->flights <= m || !carries(&protocol->flight[m], run->sizes[m])) {
            return false;
        }
    }
    return count_of(protocol, RK_OP_p256_key_pair) == device->key_pair &&
           count_of(protocol, RK_OP_p256_agree) == device->agree &&
           count_of(protocol, RK_OP_ecdsa_p256_sign) == device->sign &&
           count_of(protocol, RK_OP_ecdsa_p256_verify) == device->verify;
}

static void test_edhoc_files(void **state)
{
    (void)state;
    static struct rk_names names;
    static struct rk_diag diag;
    unsigned files = 0;
    for (uint8_t method = 0; method < 4; method++) {
        for (int credential = 0; credential < 2; credential++) {
            peers_begin(&runs[method][credential], counted(loaded[0].backend), method, 2, credential);
            assert_int_equal(peers_run(&runs[method][credential]), RK_MESSAGE_OK);
        }
    }
    assert_int_equal(rk_protocol_list(".", &names, &diag), RK_OK);
    for (size_t i = 0; i < names.count; i++) {
        if (strncmp(names.name[i], "edhoc", 5) != 0) {
            continue;
        }
        struct rk_protocol *protocol = calloc(1, sizeof *protocol);
        bool found = false;
        if (rk_profile_load(&rk_protocol_kind, ".", names.name[i], protocol, &diag) != RK_OK) {
            fail_msg("%s", diag.text);
        }
        for (int run = 0; run < 8 && !found; run++) {
            found = is_run(protocol, &runs[run / 2][run % 2]);
        }
        if (!found) {
            fail_msg("scenarios/protocols/%s.yaml is no EDHOC that runs: tests/protocol", names.name[i]);
        }
        free(protocol);
        files++;
    }
    assert_true(files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_edhoc_files)};
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
