/* tests/study/test_protocol.c - every protocol's file: its bytes against published tables, and that a device can play it
 *
 * The tables are those of the documents, not of the files: a change of a part shows here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/study/protocol_file.h"
#include "tests/model/fixture.h"

static struct rk_protocol protocol;

static void load(const char *name)
{
    struct rk_diag diag = {""};
    enum rk_err err = rk_profile_load(&rk_protocol_kind, ".", name, &protocol, &diag);
    assert_string_equal(diag.text, "");
    assert_int_equal(err, RK_OK);
}

struct published {
    const char *name;
    unsigned total, flight[RK_FLIGHTS_max];
};

/* draft-ietf-iotops-security-protocol-comparison at a0d541f: figures 1 and 2, and the text. */
static const struct published draft[] = {
    {"dtls13_rpk_cid", 894, {185, 454, 255}},  {"dtls13_rpk", 880, {179, 447, 254}},
    {"dtls13_psk_ecdhe", 487, {213, 219, 55}}, {"dtls13_psk", 331, {130, 146, 55}},
    {"tls13_rpk", 789, {162, 394, 233}},       {"tls13_psk_ecdhe", 436, {196, 190, 50}},
    {"tls13_psk", 280, {113, 117, 50}},        {"edhoc_sig_x5t", 242, {37, 115, 90}},
    {"edhoc_sig_kid", 216, {37, 102, 77}},     {"edhoc_static_x5t", 128, {37, 58, 33}},
    {"edhoc_static_kid", 101, {37, 45, 19}},   {"tls12_ecdhe_cert", 1550, {170, 1188, 117, 75}},
};

/* Made from the lengths of messages by RFC 5246, 6347, 4279, 5489, 7250 and 8422: a client's hello has 25 bytes of headers and
 * 42 + cookie + extensions of its own. */
static const struct published derived[] = {
    {"dtls12_psk", 490, {67, 44, 83, 120, 109, 67}},
    {"dtls12_ecdhe_psk", 773, {83, 44, 99, 224, 216, 107}},
    {"dtls12_ecdh_anon", 753, {83, 44, 99, 222, 198, 107}},
    {"dtls12_ecjpake", 1867, {417, 44, 433, 649, 257, 67}},
    {"dtls12_ecdhe_ecdsa_rpk", 1169, {103, 44, 119, 459, 377, 67}},
    {"dtls12_ecdhe_ecdsa_x509", 1759, {91, 44, 107, 761, 689, 67}},
    {"dtls12_ecdhe_ecdsa_x509_chain", 2565, {91, 44, 107, 1164, 1092, 67}},
    {"dtls13_key_update", 106, {24, 53, 29}},
    {"dtls12_resumption", 487, {99, 44, 115, 162, 67}},
    {"tls13_key_update", 38, {19, 19}},
};

/* From the documents that the files name: RFC 8613 C.4 to C.8, connectedhomeip, OpenThread, LoRaMac-node, Zephyr. */
static const struct published read_there[] = {
    {"oscore_b2", 108, {28, 27, 37, 16}},
    {"kudos", 57, {29, 28}},
    {"lorawan_join", 40, {23, 17}},
    {"lorawan_rejoin", 36, {19, 17}},
    {"lorawan_rejoin_1", 41, {24, 17}},
    {"ble_lesc", 265, {11, 11, 69, 90, 21, 21, 21, 21}},
    {"thread_attach", 287, {36, 81, 86, 84}},
    {"matter_case", 1602, {199, 764, 605, 34}},
    {"matter_case_resume", 374, {237, 103, 34}},
};

static void expect(const struct published *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        load(rows[i].name);
        for (unsigned flight = 0; flight < protocol.flights; flight++) {
            assert_int_equal(rk_protocol_flight_bytes(&protocol, flight), rows[i].flight[flight]);
        }
        assert_int_equal(rk_protocol_bytes(&protocol), rows[i].total);
    }
}

static void bytes_are_the_published_ones(void **state)
{
    (void)state;
    expect(draft, sizeof draft / sizeof draft[0]);
    expect(derived, sizeof derived / sizeof derived[0]);
    expect(read_there, sizeof read_there / sizeof read_there[0]);
}

/* Each on the fixture's device, where all operations have figures: keys are renewed, data arrives. */
static void every_file_is_played(void **state)
{
    (void)state;
    struct rk_names names;
    assert_int_equal(rk_protocol_list(".", &names, NULL), RK_OK);
    assert_true(names.count >= 30);
    for (size_t i = 0; i < names.count; i++) {
        load(names.name[i]);
        struct rk_trial trial = rkt_trial();
        trial.protocol = &protocol;
        trial.policy.mechanism = protocol.mechanism;
        trial.policy.retry_ns = 60 * RK_S;
        struct rk_diag diag = {""};
        assert_int_equal(rk_trial_feasible(&trial, &diag), RK_OK);
        struct rk_trial_result result = rkt_run(&trial);
        assert_in_range((unsigned)result.metric[RK_METRIC_renewals_per_d], 22, 24);
        assert_true(result.metric[RK_METRIC_renewals_failed_per_d] == 0);
        assert_true(result.metric[RK_METRIC_messages_rejected_per_d] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_the_published_ones),
        cmocka_unit_test(every_file_is_played),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
