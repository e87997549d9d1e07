#include "engine/study/profile_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_bytes = 256 };

/* out: false when the path is too long. */
static bool path_of(const struct rk_profile_kind *kind, const char *root, const char *name, char path[PATH_bytes])
{
    int length = kind->file == NULL ? snprintf(path, PATH_bytes, "%s/%s/%s.yaml", root, kind->folder, name)
                                    : snprintf(path, PATH_bytes, "%s/%s/%s/%s", root, kind->folder, name, kind->file);
    return length > 0 && length < PATH_bytes;
}

/* out: true with the profile's name when a folder's entry is one. */
static bool entry_name(const struct rk_profile_kind *kind, const char *root, const char *entry, char *name)
{
    size_t length = strlen(entry);
    if (kind->file == NULL) {
        if (length <= 5 || strcmp(entry + length - 5, ".yaml") != 0) {
            return false;
        }
        length -= 5;
    }
    if (entry[0] == '.' || entry[0] == '_' || length >= RK_NAME_bytes) {
        return false;
    }
    memcpy(name, entry, length);
    name[length] = '\0';
    char path[PATH_bytes];
    return path_of(kind, root, name, path) && access(path, F_OK) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum rk_err rk_profile_list(const struct rk_profile_kind *kind, const char *root, struct rk_names *names,
                            struct rk_diag *diag)
{
    char path[PATH_bytes];
    names->count = 0;
    if (snprintf(path, sizeof path, "%s/%s", root, kind->folder) >= (int)sizeof path) {
        return rk_fail(diag, RK_ERR_IO, "%s: path too long, expected at most %d bytes", root, PATH_bytes - 1);
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return errno == ENOENT ? RK_OK : rk_fail(diag, RK_ERR_IO, "%s: %s, expected a folder", path, strerror(errno));
    }
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL && names->count < RK_NAMES_max) {
        if (entry_name(kind, root, entry->d_name, names->name[names->count])) {
            names->count++;
        }
    }
    bool more = entry != NULL;
    closedir(folder);
    if (more) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: too many entries, expected at most %d", path, RK_NAMES_max);
    }
    qsort(names->name, names->count, sizeof names->name[0], compare_names);
    return RK_OK;
}

static enum rk_err unknown_name(const struct rk_profile_kind *kind, const char *root, const char *name,
                                struct rk_diag *diag)
{
    struct rk_names names;
    enum rk_err err = rk_profile_list(kind, root, &names, diag);
    if (err != RK_OK) {
        return err;
    }
    const char *candidates[RK_NAMES_max + 1] = {NULL};
    char all[320] = "";
    size_t used = 0;
    for (size_t i = 0; i < names.count; i++) {
        candidates[i] = names.name[i];
        used += (size_t)snprintf(all + used, sizeof all - used, " %s", names.name[i]);
        used = used < sizeof all ? used : sizeof all - 1;
    }
    const char *nearest = rk_nearest_name(name, candidates);
    if (nearest != NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%.40s', expected '%s'", kind->what, name, nearest);
    }
    return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%.40s', expected one of:%s", kind->what, name, all);
}

struct rk_mark rk_profile_mark(const char *path, const struct rk_yaml *root, const char *key)
{
    const struct rk_yaml *node = rk_yaml_get(root, key);
    node = node == NULL ? root : node;
    return (struct rk_mark){path, node->line, node->column};
}

enum rk_err rk_profile_refuse(const struct rk_profile_kind *kind, const void *profile, const char *path,
                              const struct rk_yaml *root, const char *key, const char *expected, struct rk_diag *diag)
{
    char text[256];
    char value_key[64];
    const struct rk_field *field = kind->fields;
    while (strcmp(field->key, key) != 0) {
        field++;
    }
    snprintf(value_key, sizeof value_key, "%s%s", key, field->type == RK_FIELD_COEFFICIENT ? ".value" : "");
    enum rk_err err = rk_fields_format(kind->fields, value_key, profile, text, sizeof text, diag);
    RK_REQUIRE(err == RK_OK);
    return rk_fail_at(diag, rk_profile_mark(path, root, key), "%s: %s, expected %s", key, text, expected);
}

static enum rk_err load_fields(const struct rk_profile_kind *kind, const char *tree, const char *path,
                               const struct rk_yaml *root, void *profile, struct rk_diag *diag)
{
    memset(profile, 0, kind->size);
    if (kind->base == NULL) {
        return rk_fields_load_node(kind->fields, path, root, profile, diag);
    }
    enum rk_err err = kind->base(tree, path, root, profile, diag);
    return err != RK_OK ? err : rk_fields_load_over(kind->fields, path, root, profile, diag);
}

static enum rk_err load_tree(const struct rk_profile_kind *kind, const char *tree, const char *path, const char *name,
                             const struct rk_yaml *root, void *profile, struct rk_diag *diag)
{
    enum rk_err err = load_fields(kind, tree, path, root, profile, diag);
    if (err != RK_OK) {
        return err;
    }
    if (strcmp(profile, name) != 0) {
        return rk_fail_at(diag, rk_profile_mark(path, root, "name"), "name: '%s', expected '%s' as the %s is called",
                          (const char *)profile, name, kind->file == NULL ? "file" : "folder");
    }
    snprintf((char *)profile + kind->path_offset, PATH_bytes, "%s", path);
    return kind->check(profile, path, root, diag);
}

/* out: false when there is no such file. */
static bool find(const struct rk_profile_kind *kind, const char *root, const char *name, char path[PATH_bytes])
{
    bool plain = name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) < RK_NAME_bytes;
    return plain && path_of(kind, root, name, path) && access(path, F_OK) == 0;
}

bool rk_profile_exists(const struct rk_profile_kind *kind, const char *root, const char *name)
{
    char path[PATH_bytes];
    return find(kind, root, name, path);
}

enum rk_err rk_profile_load(const struct rk_profile_kind *kind, const char *root, const char *name, void *profile,
                            struct rk_diag *diag)
{
    char path[PATH_bytes];
    if (!find(kind, root, name, path)) {
        return unknown_name(kind, root, name, diag);
    }
    struct rk_arena arena;
    struct rk_yaml *tree;
    rk_arena_init(&arena);
    enum rk_err err = rk_yaml_load_file(path, &arena, &tree, diag);
    if (err == RK_OK) {
        err = load_tree(kind, root, path, name, tree, profile, diag);
    }
    rk_arena_fini(&arena);
    return err;
}
