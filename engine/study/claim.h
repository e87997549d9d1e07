/* engine/study/claim.h - figures of standards and products that a file states beside what a simulation takes from it
 *
 * Model: a claim is a figure as its source writes it, with the kind of the source; figures that a program computes with are
 *        coefficients or a scenario's keys instead.
 * Error: a claim without a source is refused.
 */
#ifndef ENGINE_STUDY_CLAIM_H
#define ENGINE_STUDY_CLAIM_H

#include "engine/core/fields.h"

enum { RK_CLAIMS_max = 24, RK_WORDS_max = 32, RK_LINES_max = 12, RK_WORD_bytes = 48, RK_LINE_bytes = 240 };

struct rk_claim {
    char what[96];
    char value[64];
    char setting[96]; /* how it can be configured; "": it cannot */
    uint8_t kind;     /* enum rk_kind */
    char source[200];
};

struct rk_claims {
    size_t count;
    struct rk_claim claim[RK_CLAIMS_max];
};

/* Names, each a word; empty: none. */
struct rk_words {
    size_t count;
    char word[RK_WORDS_max][RK_WORD_bytes];
};

/* Sentences. */
struct rk_lines {
    size_t count;
    char line[RK_LINES_max][RK_LINE_bytes];
};

extern const struct rk_field rk_claim_element[];
extern const struct rk_field rk_word_element[];
extern const struct rk_field rk_line_element[];

#endif
