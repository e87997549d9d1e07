/* tests/reports/fixture.c - the rows, made up so that one can say what a report must show of them */
#include "tests/reports/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "engine/study/results/results.h"

/* Two devices, one backend, two mechanisms, three renewals. Lives are chosen so that the answer is known. */
static const char rows_sql[] =
    "INSERT INTO meta VALUES('title','A <study> & more'),('question','Q?'),('scenario','name: "
    "x');"
    "INSERT INTO device VALUES('d1','Device One','C1','C1','avr5','simavr',1000,2000,0,8000000,'r','b'),"
    "                         ('d2','Device Two','C2','C2','cortex-m4','qemu',9000,9000,0,64000000,'r','b');"
    "INSERT INTO "
    "cost(device,backend,version,op,size_bytes,status,cycles_median,cycles_low,cycles_high,stack_bytes,flash_bytes,"
    "  known_answer) VALUES('d1','lib','1.0','sha256',32,'ok',12345,12000,13000,500,1000,1),"
    "  ('d1','lib','1.0','p256_agree',0,'does not fit: ram',NULL,NULL,NULL,NULL,NULL,0);"
    "INSERT INTO provenance VALUES('git_revision','abc',NULL);";

struct point {
    const char *device, *mechanism, *association, *renew;
    double interval_s, life_d, exposure_s; /* interval 0: never */
};

static const struct point points[] = {
    {"d1", "ecdh", "A1", "every message", 300, 10, 300},   {"d1", "ecdh", "A1", "1 d", 86400, 90, 86400},
    {"d1", "ecdh", "A1", "7 d", 604800, 96, 604800},       {"d1", "ecdh", "A1", "never", 0, 100, 8640000},
    {"d1", "derive", "A2", "every message", 300, 50, 300}, {"d1", "derive", "A2", "1 d", 86400, 99, 86400},
    {"d1", "derive", "A2", "7 d", 604800, 100, 604800},    {"d1", "derive", "A2", "never", 0, 100, 8640000},
    {"d2", "ecdh", "A1", "every message", 300, 20, 300},   {"d2", "ecdh", "A1", "1 d", 86400, 30, 86400},
    {"d2", "ecdh", "A1", "7 d", 604800, 40, 604800},       {"d2", "ecdh", "A1", "never", 0, 100, 8640000},
};

static void run(sqlite3 *database, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", message, sql);
    }
}

static void add_metric(sqlite3 *database, size_t point, const char *metric, double mean)
{
    char sql[256];
    snprintf(sql, sizeof sql, "INSERT INTO summary VALUES(%zu,'%s','x',3,%.9g,0.5,NULL,NULL,NULL,NULL)", point, metric,
             mean);
    run(database, sql);
}

static void add_points(sqlite3 *database)
{
    static const char *const metrics[] = {"energy_crypto_keys_J_per_d", "energy_radio_keys_J_per_d",
                                          "energy_nvm_J_per_d",         "energy_crypto_data_J_per_d",
                                          "energy_radio_data_J_per_d",  "energy_sleep_J_per_d"};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        const struct point *p = &points[i];
        char sql[512], interval[32];
        snprintf(interval, sizeof interval, p->interval_s > 0 ? "%.0f" : "NULL", p->interval_s);
        snprintf(sql, sizeof sql,
                 "INSERT INTO "
                 "point(point,label,device,backend,version,mechanism,association,renew,interval_s,battery,status,"
                 "exposure_closed_form_s) VALUES(%zu,'p','%s','lib','1.0','%s','%s','%s',%s,'b','ok',%.0f)",
                 i, p->device, p->mechanism, p->association, p->renew, interval, p->exposure_s);
        run(database, sql);
        add_metric(database, i, "battery_life_d", p->life_d);
        add_metric(database, i, "battery_life_low_d", p->life_d / 2);
        add_metric(database, i, "battery_life_high_d", p->life_d * 2);
        add_metric(database, i, "energy_J_per_d", 6);
        for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++) {
            add_metric(database, i, metrics[m], 1);
        }
        add_metric(database, i, "exposure_s", p->exposure_s);
        add_metric(database, i, "exposure_capture_s", 8640000);
        add_metric(database, i, "rekey_latency_p50_s", 1);
        add_metric(database, i, "rekey_latency_p95_s", 2);
        add_metric(database, i, "rekey_latency_p99_s", 3);
        /* Of 100 renewals 90 take the usual time, 10 a retry more. */
        double usual_s = p->mechanism[0] == 'e' ? 1 : 0.25;
        snprintf(sql, sizeof sql, "INSERT INTO latency VALUES(%zu,%g,%g,90),(%zu,%g,%g,10)", i, usual_s,
                 usual_s * 1.125, i, 3 * usual_s, 3.25 * usual_s);
        run(database, sql);
    }
}

char *fixture_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = NULL;
    size_t bytes = 0;
    assert_true(getdelim(&text, &bytes, '\0', file) >= 0);
    fclose(file);
    return text;
}

void fixture_results(const char *path)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    struct rk_diag diag = {""};
    assert_int_equal(rk_results_create(database, path, &diag), RK_OK);
    run(database, rows_sql);
    add_points(database);
    sqlite3_close(database);
}

void fixture_change(const char *path, const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    run(database, sql);
    sqlite3_close(database);
}

const char fixture_audited[] =
    "INSERT INTO requirement VALUES(1,'R1','Random','PASS','all differ',9,NULL,'SP 800-90A','Why one asks.'),"
    "(2,'R2','Seeds <good>','FAIL','16 of 18',5,'device at 3 s','SP 800-90B','Why.')";

const char fixture_ranked[] =
    "INSERT INTO meta VALUES('rank_metric','battery_life_d'),('rank_over','policy.renew ');"
    "INSERT INTO axis VALUES(1,'policy.renew','1 d'),(2,'policy.renew','7 d'),(1,'device','d1'),(2,'device','d1'),"
    "(2,'horizon','60 d'),(2,'constraints.exposure_s','at most 1 d');"
    "INSERT INTO ranking VALUES('device=d1',1,1,2,3,96,0.5),('device=d1',2,2,1,3,90,0.5)";

static const struct {
    const char *name, *text;
} outputs[] = {
    {"leak.json", "[{\"device\":\"d1\",\"backend\":\"lib\",\"version\":\"1.0\",\"op\":\"sha256\",\"size\":32,\"keys\":"
                  "64,\"cycles_min\":100,"
                  "\"cycles_max\":100,\"distinct\":1,\"verdict\":\"constant\",\"note\":\"\"},"
                  "{\"device\":\"d1\",\"backend\":\"lib\",\"version\":\"1.0\",\"op\":\"x25519_agree\",\"size\":0,"
                  "\"keys\":64,\"cycles_min\":1000,"
                  "\"cycles_max\":1020,\"distinct\":9,\"verdict\":\"depends on secrets\",\"note\":\"blinded\"},"
                  "{\"device\":\"d3\",\"backend\":\"lib\",\"version\":\"1.0\",\"op\":\"sha256\",\"size\":32,\"keys\":0,"
                  "\"cycles_min\":null,"
                  "\"cycles_max\":null,\"distinct\":0,\"verdict\":\"cannot tell: no figures\",\"note\":\"\"}]"},
    {"powercut.json",
     "[{\"device\":\"d1\",\"backend\":\"lib\",\"version\":\"1.0\",\"mechanism\":\"derive\",\"mode\":\"writes\","
     "\"status\":\"ok\","
     "\"transitions\":[{\"transition\":\"establish\",\"cuts\":10,\"old\":0,\"new\":1,\"none\":9,\"lost\":0,"
     "\"resurrected\":0,"
     "\"nonce_reuse\":0,\"replayed\":0},{\"transition\":\"renew\",\"cuts\":20,\"old\":11,\"new\":8,\"none\":0,\"lost\":"
     "1,"
     "\"resurrected\":0,\"nonce_reuse\":0,\"replayed\":0}]},"
     "{\"device\":\"d2\",\"backend\":\"lib\",\"version\":\"1.0\",\"mechanism\":\"derive\",\"mode\":\"writes\","
     "\"status\":\"does not fit: ram\",\"transitions\":[]}]"},
    {"speed.json",
     "[{\"work\":\"hold\",\"engine\":\"heap\",\"n\":1000,\"status\":\"ok\",\"events_per_s\":{\"median\":5e6},\"ratio_"
     "to\":\"heap\","
     "\"ratio\":{\"median\":1.0,\"min\":1.0,\"max\":1.0}},{\"work\":\"hold\",\"engine\":\"buckets\",\"n\":1000,"
     "\"status\":\"ok\","
     "\"events_per_s\":{\"median\":1.5e7},\"ratio_to\":\"heap\",\"ratio\":{\"median\":3.0,\"min\":2.5,\"max\":3.5}},"
     "{\"work\":\"hold\",\"engine\":\"ns-3\",\"n\":1000,\"status\":\"not run\"}]"},
    {"trace.txt", "1.000000000 dev=1 device key=1 none -> pre-activation (generated)\n"
                  "2.000000000 dev=1 device key=1 pre-activation -> active (confirmed)\n"
                  "2.500000000 dev=1 server key=1 none -> active (confirmed)\n"
                  "7.000000000 dev=1 device key=1 active -> destroyed (replaced)\n"
                  "9.000000000 dev=1 device key=2 none -> pre-activation (generated)\n"},
    {"validate.json", "{\"cases\":[{\"core\":\"AVR\",\"platform\":\"Uno\",\"board\":\"uno\",\"library\":\"l\","
                      "\"primitive\":\"sha256\",\"parameters\":\"\","
                      "\"metric\":\"time\",\"kind\":\"same "
                      "source\",\"published\":1000.0,\"ours\":1100.0,\"low\":1000.0,\"high\":1200.0,\"error\":0.1,"
                      "\"status\":\"ok\",\"source\":\"s\"},"
                      "{\"core\":\"M4\",\"platform\":\"Due\",\"board\":\"due\",\"library\":\"l\",\"primitive\":"
                      "\"sha256\",\"parameters\":\"\","
                      "\"metric\":\"time\",\"kind\":\"same "
                      "source\",\"published\":90000.0,\"ours\":80000.0,\"low\":70000.0,\"high\":81000.0,"
                      "\"error\":-0.11,\"status\":\"ok\",\"source\":\"s\"}],\"summary\":[]}"},
    {"zeroise.json", "[{\"device\":\"d1\",\"backend\":\"lib\",\"version\":\"1.0\",\"optimise\":\"Os\",\"op\":\"hkdf_"
                     "sha256\",\"after\":\"return\","
                     "\"status\":\"ok\",\"residues\":[{\"where\":\"stack\",\"address\":\"0x100\",\"bytes\":48,\"what\":"
                     "\"prk\",\"owner\":\"library\","
                     "\"symbol\":\"hkdf_extract\",\"byte_seconds\":2880.0}]},"
                     "{\"device\":\"d1\",\"backend\":\"lib\",\"version\":\"1.0\",\"optimise\":\"Os\",\"op\":"
                     "\"lifecycle: renew\",\"after\":\"destroy\","
                     "\"status\":\"ok\",\"residues\":[{\"where\":\"data\",\"address\":\"0x100\",\"bytes\":16,\"what\":"
                     "\"key\",\"owner\":\"ours\","
                     "\"symbol\":\"store\",\"byte_seconds\":null}]},"
                     "{\"device\":\"d1\",\"backend\":\"lib\",\"version\":\"1.0\",\"optimise\":\"Os\",\"op\":\"sha256\","
                     "\"after\":\"return\","
                     "\"status\":\"ok\",\"residues\":[]}]"},
};

void fixture_measured(const char *folder)
{
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, outputs[i].name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(outputs[i].text, file);
        assert_int_equal(fclose(file), 0);
    }
}
