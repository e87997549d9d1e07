/* bench/known_answers.c - finds an operation's answers in the tables, and packs them for the mailbox */
#include "bench/known_answers.h"

#include <string.h>

#include "bench/known_answers_internal.h"

static const struct rki_known_answer_table *const tables[] = {
    &rki_known_answers_aead,  &rki_known_answers_hash, &rki_known_answers_derive,
    &rki_known_answers_curve, &rki_known_answers_rsa,  &rki_known_answers_mlkem,
};

const struct rk_known_answer *rk_known_answers(enum rk_operation op, size_t *count)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const struct rk_known_answer *answer = tables[i]->answer;
        size_t first = 0;
        while (first < tables[i]->count && answer[first].op != op) {
            first++;
        }
        size_t end = first;
        while (end < tables[i]->count && answer[end].op == op) {
            end++;
        }
        if (end > first) {
            *count = end - first;
            return &answer[first];
        }
    }
    *count = 0;
    return NULL;
}

bool rk_known_answer_applies(const struct rk_known_answer *answer, const char *backend, const char *version)
{
    if (answer->backend == NULL) {
        return true;
    }
    size_t length = strcspn(answer->backend, "@");
    const char *at = answer->backend + length;
    return strlen(backend) == length && strncmp(answer->backend, backend, length) == 0 &&
           (*at == '\0' || strcmp(at + 1, version) == 0);
}

static uint8_t nibble(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

size_t rk_known_answer_pack(const char *const *fields, size_t max, uint8_t *data, size_t size, uint16_t *count)
{
    size_t at = 0;
    *count = 0;
    for (size_t field = 0; field < max && fields[field] != NULL; field++) {
        size_t bytes = strlen(fields[field]) / 2;
        if (size - at < 2 || size - at - 2 < bytes) {
            *count = 0;
            return 0;
        }
        data[at] = (uint8_t)bytes;
        data[at + 1] = (uint8_t)(bytes >> 8);
        at += 2;
        for (size_t i = 0; i < bytes; i++) {
            data[at + i] = (uint8_t)(nibble(fields[field][2 * i]) << 4 | nibble(fields[field][2 * i + 1]));
        }
        at += bytes;
        ++*count;
    }
    return at;
}
