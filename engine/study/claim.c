#include "engine/study/claim.h"

static const char *const kind_names[] = {"measured", "datasheet", "literature", "assumed", NULL};

static const struct rk_field claim_fields[] = {
    {.key = "what", .type = RK_FIELD_TEXT, RK_AT(struct rk_claim, what), .min = 1, .help = "what the figure is of"},
    {.key = "value",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_claim, value),
     .min = 1,
     .help = "the figure, as its source writes it"},
    {.key = "setting",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_claim, setting),
     .fallback = "",
     .help = "how it can be configured; empty: it cannot"},
    {.key = "kind",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_claim, kind),
     .choices = kind_names,
     .help = "where the figure comes from"},
    {.key = "source",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_claim, source),
     .min = 1,
     .help = "document and clause, or file of a source tree"},
    {.key = NULL},
};

const struct rk_field rk_claim_element[] = {{.key = "figure", .type = RK_FIELD_RECORD, .sub = claim_fields}};
const struct rk_field rk_word_element[] = {{.key = "word", .type = RK_FIELD_TEXT, .min = 1}};
const struct rk_field rk_line_element[] = {{.key = "line", .type = RK_FIELD_TEXT, .min = 1}};
