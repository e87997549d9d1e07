/* tests/sim/test_golden.c - the lifecycle trace of fixed trials, line by line
 *
 * A line that changes is a change of behaviour. When it is meant: RK_GOLDEN_WRITE=1 writes the files anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/fixture.h"

static char *trace_of(const struct rk_trial *trial, size_t *bytes)
{
    char *text = NULL;
    struct rk_trial traced = *trial;
    traced.trace = open_memstream(&text, bytes);
    assert_non_null(traced.trace);
    struct rk_trial_result result = rkt_run(&traced);
    fprintf(traced.trace, "checksum %016llx of %llu records\n", (unsigned long long)result.trace_checksum,
            (unsigned long long)result.trace_records);
    fclose(traced.trace);
    return text;
}

static char *read_golden(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = malloc(1 << 20);
    *bytes = fread(text, 1, (1 << 20) - 1, file);
    text[*bytes] = '\0';
    fclose(file);
    return text;
}

static void expect_golden(const struct rk_trial *trial, const char *path)
{
    size_t bytes, golden_bytes;
    char *text = trace_of(trial, &bytes);
    if (getenv("RK_GOLDEN_WRITE") != NULL) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, bytes, file), bytes);
        fclose(file);
    }
    char *golden = read_golden(path, &golden_bytes);
    assert_string_equal(text, golden);
    assert_int_equal(bytes, golden_bytes);
    free(golden);
    free(text);
}

static void test_lossy_fleet(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.seed = 2026;
    trial.devices = 2;
    trial.horizon_ns = RK_DAY / 4;
    trial.frame_loss_ppm = 750000;
    trial.policy.attempts = 2;
    trial.message_jitter_ppm = 100000;
    trial.policy.jitter_ppm = 100000;
    expect_golden(&trial, "tests/sim/golden/lossy.txt");
}

static void test_compromise(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.seed = 2026;
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    trial.compromise_per_1e6y = 12 * 365250000ull; /* twelve a day */
    trial.detection_mean_ns = RK_DAY / 480;
    trial.horizon_ns = RK_DAY / 2;
    expect_golden(&trial, "tests/sim/golden/compromise.txt");
}

static void test_one_device_of_many(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.seed = 2026;
    trial.devices = 3;
    trial.horizon_ns = RK_DAY / 8;
    trial.policy.triggers = RK_TRIGGER_MESSAGES;
    trial.policy.messages = 20;
    trial.policy.mechanism = RK_MECHANISM_TRANSPORT;
    trial.trace_device = 1;
    expect_golden(&trial, "tests/sim/golden/messages.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lossy_fleet),
        cmocka_unit_test(test_compromise),
        cmocka_unit_test(test_one_device_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
