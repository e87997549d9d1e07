/* engine/cli/lists.c - see lists.h */
#include "engine/cli/lists.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/core/fields.h"
#include "engine/study/device_file.h"

const char *const rk_libraries[] = {"mbedtls", "wolfssl", "libsodium", "ascon", NULL};

static enum rk_err add(struct rk_list *list, const char *name, size_t length, struct rk_diag *diag)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strlen(list->item[i]) == length && strncmp(list->item[i], name, length) == 0) {
            return rk_fail(diag, RK_ERR_INPUT, "'%s' is there twice, expected each name once", list->item[i]);
        }
    }
    if (length == 0 || length >= RK_LIST_NAME_MAX || list->count == RK_LIST_MAX) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.*s' is no name in a list, expected up to %d names, comma-separated",
                       (int)length, name, RK_LIST_MAX);
    }
    memcpy(list->item[list->count], name, length);
    list->item[list->count++][length] = '\0';
    return RK_OK;
}

static enum rk_err split(const char *text, struct rk_list *list, struct rk_diag *diag)
{
    list->count = 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        enum rk_err err = add(list, at, length, diag);
        if (err) {
            return err;
        }
        at += length;
        if (!*at) {
            return RK_OK;
        }
    }
}

/* Refuses name, with the nearest of the candidates or with all of them. */
static enum rk_err unknown(const char *what, const char *name, const char *const *candidates, struct rk_diag *diag)
{
    const char *nearest = rk_nearest_name(name, candidates);
    if (nearest != NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%s', expected '%s'", what, name, nearest);
    }
    char all[432] = ""; /* a line of struct rk_diag, less the rest of the sentence */
    for (size_t used = 0; *candidates != NULL && used + strlen(*candidates) + 1 < sizeof all; candidates++) {
        used += (size_t)snprintf(all + used, sizeof all - used, " %s", *candidates);
    }
    return rk_fail(diag, RK_ERR_INPUT, "unknown %s '%s', expected one of:%s", what, name, all);
}

static bool has_name(const char *const *names, const char *name, size_t length)
{
    for (; *names != NULL; names++) {
        if (strlen(*names) == length && strncmp(*names, name, length) == 0) {
            return true;
        }
    }
    return false;
}

enum rk_err rk_list_devices(const char *root, const char *text, struct rk_list *list, struct rk_diag *diag)
{
    struct rk_names names;
    const char *candidates[RK_NAMES_max + 1] = {NULL};
    bool all = strcmp(text, "all") == 0;
    enum rk_err err = rk_device_list(root, &names, diag);
    if (!err && names.count == 0) {
        err = rk_fail(diag, RK_ERR_MISSING, "%s/devices has no devices, expected the source tree (set REKEYLAB_ROOT)",
                      root);
    }
    list->count = 0;
    for (size_t i = 0; i < names.count && !err; i++) {
        candidates[i] = names.name[i];
        if (all && strcmp(names.name[i], "host") != 0) {
            err = add(list, names.name[i], strlen(names.name[i]), diag);
        }
    }
    if (err || all) {
        return err;
    }
    err = rk_device_and_board_list(root, &names, diag);
    for (size_t i = 0; i < names.count && !err; i++) {
        candidates[i] = names.name[i];
    }
    if (!err) {
        err = split(text, list, diag);
    }
    for (size_t i = 0; i < list->count && !err; i++) {
        if (!has_name(candidates, list->item[i], strlen(list->item[i]))) {
            err = unknown("device", list->item[i], candidates, diag);
        }
    }
    return err;
}

enum rk_err rk_list_backends(const char *text, struct rk_list *list, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    if (strcmp(text, "all") == 0) {
        list->count = 0;
        for (size_t i = 0; rk_libraries[i] != NULL && !err; i++) {
            err = add(list, rk_libraries[i], strlen(rk_libraries[i]), diag);
        }
        return err;
    }
    err = split(text, list, diag);
    for (size_t i = 0; i < list->count && !err; i++) {
        size_t length = strcspn(list->item[i], "@");
        bool has_version = list->item[i][length] == '@';
        if (has_version && list->item[i][length + 1] == '\0') {
            err = rk_fail(diag, RK_ERR_INPUT, "backend '%s' has no version after the @, expected NAME@VERSION or NAME",
                          list->item[i]);
        } else if (!has_name(rk_libraries, list->item[i], length)) {
            list->item[i][length] = '\0';
            err = unknown("backend", list->item[i], rk_libraries, diag);
        }
    }
    return err;
}

enum rk_err rk_list_check_device(const char *root, const char *device, struct rk_diag *diag)
{
    struct rk_list list;
    enum rk_err err = rk_list_devices(root, device, &list, diag);
    if (!err && (list.count != 1 || strcmp(list.item[0], device) != 0)) {
        err = rk_fail(diag, RK_ERR_INPUT, "--device `%.60s` is a list, expected one device", device);
    }
    return err;
}

enum rk_err rk_list_check_one(const char *root, const char *device, const char *backend, struct rk_diag *diag)
{
    struct rk_list list;
    enum rk_err err = rk_list_check_device(root, device, diag);
    if (!err) {
        err = rk_list_backends(backend, &list, diag);
    }
    if (!err && (list.count != 1 || strcmp(list.item[0], backend) != 0)) {
        err = rk_fail(diag, RK_ERR_INPUT, "--backend `%.60s` is a list, expected one backend", backend);
    }
    return err;
}
