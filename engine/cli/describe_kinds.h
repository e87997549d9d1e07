/* engine/cli/describe_kinds.h - what `rekeylab describe` can describe: one line a kind
 *
 * Model:  a kind lists its entries (objects with name and summary) and describes one of them (an object whose member
 *         `fields`, if any, comes from the table that loads its file). A kind without functions has no entries in this
 *         version.
 */
#ifndef ENGINE_CLI_DESCRIBE_KINDS_H
#define ENGINE_CLI_DESCRIBE_KINDS_H

#include <jansson.h>
#include <stdbool.h>

#include "engine/core/err.h"
#include "engine/core/fields.h"

struct rk_describe_kind {
    const char *name;
    const char *help;
    enum rk_err (*list)(const char *root, json_t *entries, struct rk_diag *diag);
    /* in: a name of the list. */
    enum rk_err (*record)(const char *root, const char *name, json_t *record, struct rk_diag *diag);
    const struct rk_field *fields; /* NULL: no file of this kind */
    const char *prefix;            /* only the fields whose dotted key begins so; NULL for all */
};

extern const struct rk_describe_kind rk_describe_kinds[]; /* ended by a NULL name */

/* out: the documentation of the table's fields, as an array; values are those of profile unless it is NULL. */
json_t *rk_describe_fields(const struct rk_field *fields, const char *prefix, const void *profile);

/* out: the table that loads the kind's own files; of policies, whose `fields` are a part of a scenario's, another one. */
const struct rk_field *rk_describe_file_fields(const struct rk_describe_kind *kind);

/* Prints a Markdown section with the table of a kind's fields. in: fields, of the kind; prefix as above. */
void rk_describe_markdown(const struct rk_describe_kind *kind, const struct rk_field *fields, const char *prefix);

/* A policy of one's own, by its path (engine/study/policy_own.h). devices: comma-separated; check: it is tried on the host
 * and there. Prints what it is. errors: RK_ERR_CHECK where it is no policy after all. */
struct rk_describe_own {
    const char *parameters, *devices;
    bool check, json;
};
bool rk_describe_is_own_policy(const char *name);
RK_MUST_CHECK enum rk_err rk_describe_own_policy(const char *path, const struct rk_describe_own *asked,
                                                 struct rk_diag *diag);

/* Prints the page of all kinds: scenarios/reference.md. */
void rk_describe_reference(void);

#endif
