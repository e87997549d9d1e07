#include <jansson.h>

#include "bench/audit/audit.h"
#include "engine/core/err.h"

const char *rk_verdict_name(unsigned verdict)
{
    static const char *const names[] = {"N/A", "PASS", "FAIL"};
    return verdict < sizeof names / sizeof names[0] ? names[verdict] : NULL;
}

bool rk_audit_failed(const struct rk_audit *audit)
{
    for (unsigned i = 0; i < RK_REQUIREMENTS; i++) {
        if (audit->row[i].verdict == RK_VERDICT_FAIL) {
            return true;
        }
    }
    return false;
}

void rk_audit_json(const struct rk_audit *audit, FILE *out)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < RK_REQUIREMENTS; i++) {
        const struct rk_audit_row *row = &audit->row[i];
        const struct rk_requirement *about = &rk_requirement[i];
        json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s?, s:s, s:s}", "requirement", about->id, "title",
                                   about->title, "verdict", rk_verdict_name(row->verdict), "evidence", row->evidence,
                                   "observations", (json_int_t)row->observations, "counter_example",
                                   row->counter_example[0] != '\0' ? row->counter_example : NULL, "clause",
                                   about->clause, "explanation", about->explanation);
        RK_REQUIRE(object != NULL && json_array_append_new(array, object) == 0);
    }
    json_dumpf(array, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(array);
}

void rk_audit_text(const struct rk_audit *audit, FILE *out)
{
    unsigned count[3] = {0};
    for (unsigned i = 0; i < RK_REQUIREMENTS; i++) {
        const struct rk_audit_row *row = &audit->row[i];
        count[row->verdict]++;
        fprintf(out, "%-4s %-4s  %s\n            %s\n", rk_requirement[i].id, rk_verdict_name(row->verdict),
                rk_requirement[i].title, row->evidence);
        if (row->counter_example[0] != '\0') {
            fprintf(out, "            counter-example: %s\n", row->counter_example);
        }
    }
    fprintf(out, "\n%u pass, %u fail, %u do not apply\n", count[RK_VERDICT_PASS], count[RK_VERDICT_FAIL],
            count[RK_VERDICT_NOT_APPLICABLE]);
}
