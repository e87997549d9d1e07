/* engine/core/yaml.h - a YAML file as a small tree whose every node knows where it stands
 *
 * Model:   libyaml's events, kept as text. Refused here, with line and column: what is not a regular file, more than
 *          1 MiB, not UTF-8, tabs and control characters, anchors, aliases, tags, directives, several documents, keys
 *          that are not plain words, a key given twice, more than 4096 keys, nesting beyond 16, an empty file.
 * Units:   line and column start at 1; columns count characters, not bytes.
 */
#ifndef ENGINE_CORE_YAML_H
#define ENGINE_CORE_YAML_H

#include "engine/core/arena.h"
#include "engine/core/err.h"

#include <stdbool.h>
#include <stddef.h>

enum rk_yaml_kind { RK_YAML_SCALAR, RK_YAML_LIST, RK_YAML_MAP };

struct rk_yaml {
    enum rk_yaml_kind kind;
    unsigned line, column;
    const char *text; /* scalar: its text */
    bool plain;       /* scalar: written without quotes */
    const char *key;  /* member of a map: its key */
    unsigned key_line, key_column;
    struct rk_yaml *first; /* list, map: members in the file's order */
    struct rk_yaml *next;
    size_t count;
    const char *file; /* of a tree made of several files: the one that it stands in; NULL: the tree's own */
};

/* Where a text stands, for messages. line 0: no position; file is then what to print ("--set"). */
struct rk_mark {
    const char *file;
    unsigned line, column;
};

/* out: *root, in the arena. Errors: RK_ERR_IO if the file cannot be read, RK_ERR_INPUT if it is not as above. */
RK_MUST_CHECK enum rk_err rk_yaml_load_file(const char *path, struct rk_arena *arena, struct rk_yaml **root,
                                            struct rk_diag *diag);

/* As rk_yaml_load_file(), for text in memory; `path` is for messages. */
RK_MUST_CHECK enum rk_err rk_yaml_load_text(const char *path, const char *text, size_t length, struct rk_arena *arena,
                                            struct rk_yaml **root, struct rk_diag *diag);

/* out: the member of a map, or NULL. */
const struct rk_yaml *rk_yaml_get(const struct rk_yaml *map, const char *key);

/* out: a tree in the arena, of the same texts: `over` laid over `under`, mappings member by member, all else replaced.
 * under_file, over_file: what the nodes of each say that they stand in; nodes that say so already keep it. */
struct rk_yaml *rk_yaml_overlay(struct rk_arena *arena, const struct rk_yaml *under, const char *under_file,
                                const struct rk_yaml *over, const char *over_file);

/* out: "a single value", "a list" or "a mapping". */
const char *rk_yaml_kind_name(enum rk_yaml_kind kind);

/* As rk_fail(), with `file:line:column: ` before the text. */
enum rk_err rk_fail_at(struct rk_diag *diag, struct rk_mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
