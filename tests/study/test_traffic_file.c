/* Recorded traffic: what a file says, and what is refused at which place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/study/scenario.h"
#include "engine/study/traffic_file.h"

static char path[] = "/tmp/rekeylab-trace-XXXXXX";

static enum rk_err load(const char *text, struct rk_arena *arena, struct rk_traffic_file *file, struct rk_diag *diag)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    rk_arena_init(arena);
    return rk_traffic_load(path, arena, file, diag);
}

static int setup(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int teardown(void **state)
{
    (void)state;
    return unlink(path);
}

static void a_trace_is_gaps_and_sizes(void **state)
{
    (void)state;
    struct rk_arena arena;
    struct rk_traffic_file file;
    struct rk_diag diag = {""};
    enum rk_err err = load("time_s,bytes\n10,8\n10,16\n12.5,128\r\n16.000000001,1\n", &arena, &file, &diag);
    assert_string_equal(diag.text, "");
    assert_int_equal(err, RK_OK);
    assert_int_equal(file.records, 4);
    assert_int_equal(file.period_ns, 2000000000); /* 6.000000001 s by three, rounded down */
    assert_int_equal(file.bytes, 128);
    static const struct rk_traffic_record expected[] = {{2000000000, 8}, {0, 16}, {2500000000, 128}, {3500000001, 1}};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(file.record[i].gap_ns, expected[i].gap_ns);
        assert_int_equal(file.record[i].bytes, expected[i].bytes);
    }
    rk_arena_fini(&arena);
}

static void wrong_traces_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"", ":1:1: no gap between messages, expected at least two messages at different times"},
        {"0,5\n1,5\n", ":1:1: no header, expected 'time_s,bytes'"},
        {"time_s,bytes\n0,5\n", ":2:1: no gap between messages, expected at least two messages at different times"},
        {"time_s,bytes\n3,5\n3,5\n",
         ":3:1: no gap between messages, expected at least two messages at different times"},
        {"time_s,bytes\n-1,5\n", ":2:1: no time, expected seconds with at most nine decimals"},
        {"time_s,bytes\n1.,5\n", ":2:1: no time, expected seconds with at most nine decimals"},
        {"time_s,bytes\n1.0000000001,5\n", ":2:1: no time, expected seconds with at most nine decimals"},
        {"time_s,bytes\n1e3,5\n", ":2:2: no comma, expected 'time_s,bytes'"},
        {"time_s,bytes\n1.5;5\n", ":2:4: no comma, expected 'time_s,bytes'"},
        {"time_s,bytes\n1,0\n", ":2:3: no size of a text, expected 1 to 128 bytes"},
        {"time_s,bytes\n1,129\n", ":2:3: no size of a text, expected 1 to 128 bytes"},
        {"time_s,bytes\n1,5 B\n", ":2:3: no size of a text, expected 1 to 128 bytes"},
        {"time_s,bytes\n2,5\n1,5\n", ":3:1: earlier than the line before, expected times in order"},
        {"time_s,bytes\n2,5\n\n3,5\n", ":3:1: no time, expected seconds with at most nine decimals"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_arena arena;
        struct rk_traffic_file file;
        struct rk_diag diag = {""};
        assert_int_equal(load(cases[i].text, &arena, &file, &diag), RK_ERR_INPUT);
        assert_int_equal(strncmp(diag.text, path, strlen(path)), 0);
        assert_string_equal(diag.text + strlen(path), cases[i].place);
        rk_arena_fini(&arena);
    }
}

static void scenarios_say_what_a_model_needs(void **state)
{
    (void)state;
    static const struct {
        const char *set[3], *line;
    } cases[] = {
        {{"traffic.model=trace"},
         "--set traffic.model=trace: model: trace without a file, expected one for traffic.trace"},
        {{"traffic.trace=x.csv"},
         "--set traffic.trace=x.csv: trace: a file, expected one only with traffic.model: trace"},
        {{"traffic.model=bursts", "traffic.burst_gap=1 h"},
         "--set traffic.burst_gap=1 h: burst_gap: 1 h, expected less than the mean period of 30 min"},
        {{"traffic.model=alarms", "traffic.alarm_every=1 h", "traffic.alarm_lasts=2 h"},
         "--set traffic.alarm_lasts=2 h: alarm_lasts: 2 h, expected less than the 1 h that have one alarm"},
        {{"traffic.model=poisson", "engine.lifetime=true"},
         "--set traffic.model=poisson: model: poisson in lifetime mode, expected periodic or the exact mode"},
    };
    static struct rk_study study;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_diag diag = {""};
        size_t sets = 0;
        while (sets < 3 && cases[i].set[sets] != NULL) {
            sets++;
        }
        assert_int_equal(rk_study_load(&study, "tests/study/tree", "tests/study/tiny.yaml", cases[i].set, sets, &diag),
                         RK_ERR_INPUT);
        assert_string_equal(diag.text, cases[i].line);
        rk_study_fini(&study);
    }
}

static void models_have_their_names(void **state)
{
    (void)state;
    struct rk_scenario scenario;
    struct rk_diag diag;
    for (uint8_t model = 0; model < RK_TRAFFIC_COUNT; model++) {
        char name[RK_AXIS_TEXT_bytes];
        memset(&scenario, 0, sizeof scenario);
        scenario.traffic.model = model;
        assert_int_equal(rk_fields_format(rk_scenario_fields, "traffic.model", &scenario, name, sizeof name, &diag),
                         RK_OK);
        assert_string_equal(name, rk_traffic_name(model));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_is_gaps_and_sizes),
        cmocka_unit_test(wrong_traces_are_refused_with_their_line),
        cmocka_unit_test(scenarios_say_what_a_model_needs),
        cmocka_unit_test(models_have_their_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
