/* bench/audit/audit.h - the paper's 28 requirements on key management, judged on a study from what really happens
 *
 * Model: each combination of the study's axes is a device and its server that live through the same story with real
 *        keys on the host's build of the library: establishment, data, renewals, lost frames, restarts, suspension,
 *        compromise, backup and restore, zeroisation. All calls into the library, frames, records and NVM writes are
 *        logged (bench/audit/witness.h, duo.h), and each requirement is judged from that log and from drills of its
 *        own. The verdict of a study is the worst over its combinations; the evidence names which.
 * Units: in the names.
 * Error: a requirement that fails is a result. Errors are those of the library, a combination's set-up and memory.
 * Source: the requirements: section III.B of the paper this project starts from, and its table 3; the clauses are
 *        beside each in requirements.c.
 */
#ifndef BENCH_AUDIT_AUDIT_H
#define BENCH_AUDIT_AUDIT_H

#include <stdio.h>

#include "engine/study/sweep.h"

enum { RK_REQUIREMENTS = 28, RK_AUDIT_TEXT_bytes = 1024 };

enum rk_verdict { RK_VERDICT_NOT_APPLICABLE, RK_VERDICT_PASS, RK_VERDICT_FAIL };

/* What never changes about a requirement. */
struct rk_requirement {
    const char *id; /* "R1" */
    const char *title;
    const char *clause;      /* "SP 800-90A; paper III.B, generation" */
    const char *explanation; /* a paragraph: what it asks for, how it is judged, what the judgement does not cover */
};
extern const struct rk_requirement rk_requirement[RK_REQUIREMENTS];

struct rk_audit_row {
    enum rk_verdict verdict;
    char evidence[RK_AUDIT_TEXT_bytes];
    uint64_t observations;                     /* single facts that were looked at; 0 where it does not apply */
    char counter_example[RK_AUDIT_TEXT_bytes]; /* "" unless it fails: time, party, key, address */
};

struct rk_audit {
    struct rk_audit_row row[RK_REQUIREMENTS];
    unsigned points; /* combinations judged */
};

struct rk_audit_options {
    unsigned jobs;    /* threads, >= 1 */
    bool device;      /* look into the emulated device, too: takes firmware, and minutes on an AVR */
    const char *only; /* "R9": no other requirement is judged, the others do not apply; NULL: all */
    void (*progress)(void *context, unsigned done, unsigned total); /* NULL: none */
    void *progress_context;
};

/* in: the environment that the sweep was made with. */
RK_MUST_CHECK enum rk_err rk_audit_sweep(const struct rk_sweep *sweep, const struct rk_study_environment *environment,
                                         const struct rk_audit_options *options, struct rk_audit *audit,
                                         struct rk_diag *diag);

/* out: whether any requirement fails. */
bool rk_audit_failed(const struct rk_audit *audit);

/* One document: an array of {requirement, title, verdict, evidence, observations, counter_example, clause,
 * explanation}. */
void rk_audit_json(const struct rk_audit *audit, FILE *out);
/* For people: a line a requirement, counter-examples below. */
void rk_audit_text(const struct rk_audit *audit, FILE *out);

const char *rk_verdict_name(unsigned verdict); /* "PASS", "FAIL", "N/A"; NULL outside */

#endif
