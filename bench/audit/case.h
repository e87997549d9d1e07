/* bench/audit/case.h - what a judge is given: one combination, the story that it lived through, and what it finds
 *
 * Model:  rk_story_run() (story.c) makes one run; judges read it and may make drills of their own with
 *         rk_case_duo(). A judge gives exactly one verdict by one of the three functions at the end.
 * Units:  in the names.
 */
#ifndef BENCH_AUDIT_CASE_H
#define BENCH_AUDIT_CASE_H

#include "bench/audit/audit.h"
#include "bench/audit/duo.h"
#include "bench/audit/look.h"

/* Parts of the story: each begins at an entry of its log. */
enum rk_chapter {
    RK_CHAPTER_ESTABLISH,
    RK_CHAPTER_DATA,    /* both ways */
    RK_CHAPTER_RENEW,   /* by what the policy waits for, or by a compromise where it waits for nothing */
    RK_CHAPTER_LOSS,    /* renewals whose R1, R2, R3 are lost once each */
    RK_CHAPTER_RESTART, /* of the device while a key is active, and within an overlap */
    RK_CHAPTER_SUSPEND, /* and resume */
    RK_CHAPTER_COMPROMISE,
    RK_CHAPTER_BACKUP, /* backup, loss of the store, restore */
    RK_CHAPTER_END,    /* zeroisation */
    RK_CHAPTER_COUNT
};

/* Where the study names no date, and for the strength: NIST asks for 112 bits to the end of 2030 and for 128
 * afterwards, within the life of what is designed today. */
enum { RK_AUDIT_DATE = 20260101, RK_AUDIT_STRENGTH_bits = 128 };

struct rk_case {
    const struct rk_study *study;
    const struct rk_point *point;
    const struct rk_trial *trial;
    const struct rk_backend *library; /* of this thread */
    const struct rk_look *look;       /* into the device; NULL: not asked for */
    struct rk_agent_config config;
    struct rk_duo *story;
    size_t chapter[RK_CHAPTER_COUNT + 1]; /* entry of story->log; the last one is their number */
};

/* A drill's own pair in the case's configuration, on NVM as the device's, initialised, not started; to be freed with
 * rk_duo_free(). in: a number that makes its keys and entropy its own; the same number, the same pair. */
struct rk_duo *rk_case_duo(const struct rk_case *c, uint32_t number);
/* The same whose device keeps its records in flash with such erase blocks; 0: EEPROM. */
struct rk_duo *rk_case_duo_on(const struct rk_case *c, uint32_t number, uint64_t erase_bytes);
void rk_duo_free(struct rk_duo *duo);

/* Seeds a generator of the case's library. Libraries refuse seeds that repeat themselves: this one does not.
 * out: whether it is seeded. */
bool rk_case_seed(const struct rk_case *c, uint32_t number, struct rk_drbg *drbg);

/* Makes the story of a case. */
void rk_story_run(struct rk_case *c);

/* Renews the pair's key once, by what its policy waits for, or by a compromise. out: whether a new key is active. */
bool rk_duo_renew(struct rk_duo *duo);

/* out: the study's policy_date, or RK_AUDIT_DATE. */
uint32_t rk_case_date(const struct rk_case *c);

/* out: whether the combination's mechanism agrees by key pairs. */
bool rk_case_agrees(const struct rk_case *c);

/* Verdicts. observations: facts looked at. */
void rk_not_applicable(struct rk_audit_row *row, const char *why, ...) __attribute__((format(printf, 2, 3)));
void rk_pass(struct rk_audit_row *row, uint64_t observations, const char *evidence, ...)
    __attribute__((format(printf, 3, 4)));
/* The counter-example is set before by rk_counter(), the first one stays. */
void rk_fail_requirement(struct rk_audit_row *row, uint64_t observations, const char *evidence, ...)
    __attribute__((format(printf, 3, 4)));
void rk_counter(struct rk_audit_row *row, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The judges. row is all zero. */
typedef void rk_judge_fn(const struct rk_case *c, struct rk_audit_row *row);
rk_judge_fn rk_judge_r1, rk_judge_r2, rk_judge_r3, rk_judge_r4, rk_judge_r5, rk_judge_r6, rk_judge_r7, rk_judge_r8,
    rk_judge_r9, rk_judge_r10, rk_judge_r11, rk_judge_r12, rk_judge_r13, rk_judge_r14, rk_judge_r15, rk_judge_r16,
    rk_judge_r17, rk_judge_r18, rk_judge_r19, rk_judge_r20, rk_judge_r21, rk_judge_r22, rk_judge_r23, rk_judge_r24,
    rk_judge_r25, rk_judge_r26, rk_judge_r27, rk_judge_r28;

#endif
