/* bench/known_answers_internal.h - the tables behind known_answers.h, one a file
 *
 * Model: the answers of one operation stand together in one table.
 */
#ifndef BENCH_KNOWN_ANSWERS_INTERNAL_H
#define BENCH_KNOWN_ANSWERS_INTERNAL_H

#include "bench/known_answers.h"

struct rki_known_answer_table {
    const struct rk_known_answer *answer;
    size_t count;
};

extern const struct rki_known_answer_table rki_known_answers_aead;
extern const struct rki_known_answer_table rki_known_answers_hash;
extern const struct rki_known_answer_table rki_known_answers_derive;
extern const struct rki_known_answer_table rki_known_answers_curve;
extern const struct rki_known_answer_table rki_known_answers_rsa;
extern const struct rki_known_answer_table rki_known_answers_mlkem;

#endif
