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

static enum rk_err check_name(const char *what, const char *name, const char *const *names, struct rk_diag *diag)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            return RK_OK;
        }
    }
    return rk_unknown_name(what, name, names, diag);
}

static enum rk_err add_all(const char *const *names, struct rk_list *list, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    list->count = 0;
    for (size_t i = 0; names[i] != NULL && !err; i++) {
        err = add(list, names[i], strlen(names[i]), diag);
    }
    return err;
}

enum rk_err rk_list_names(const char *what, const char *text, const char *const *names, struct rk_list *list,
                          struct rk_diag *diag)
{
    if (strcmp(text, "all") == 0) {
        return add_all(names, list, diag);
    }
    enum rk_err err = split(text, list, diag);
    for (size_t i = 0; i < list->count && !err; i++) {
        err = check_name(what, list->item[i], names, diag);
    }
    return err;
}

enum rk_err rk_list_devices(const char *root, const char *text, struct rk_list *list, struct rk_diag *diag)
{
    struct rk_names names;
    const char *candidates[RK_NAMES_max + 1] = {NULL};
    bool all = strcmp(text, "all") == 0;
    enum rk_err err = all ? rk_device_list(root, &names, diag) : rk_device_and_board_list(root, &names, diag);
    if (!err && names.count == 0) {
        err = rk_fail(diag, RK_ERR_MISSING, "%s/devices has no devices, expected the source tree (set REKEYLAB_ROOT)",
                      root);
    }
    for (size_t i = 0, count = 0; !err && i < names.count; i++) {
        if (!all || strcmp(names.name[i], "host") != 0) {
            candidates[count++] = names.name[i];
        }
    }
    return err ? err : rk_list_names("device", text, candidates, list, diag);
}

enum rk_err rk_list_backends(const char *text, struct rk_list *list, struct rk_diag *diag)
{
    if (strcmp(text, "all") == 0) {
        return add_all(rk_libraries, list, diag);
    }
    enum rk_err err = split(text, list, diag);
    for (size_t i = 0; i < list->count && !err; i++) {
        char name[RK_LIST_NAME_MAX];
        size_t length = strcspn(list->item[i], "@");
        snprintf(name, sizeof name, "%.*s", (int)length, list->item[i]);
        if (strcmp(list->item[i] + length, "@") == 0) {
            err = rk_fail(diag, RK_ERR_INPUT, "backend '%s' has no version after the @, expected NAME@VERSION or NAME",
                          list->item[i]);
        } else {
            err = check_name("backend", name, rk_libraries, diag);
        }
    }
    return err;
}

enum rk_err rk_list_pairs(const char *root, const char *devices, const char *backends, rk_pair_fn *each, void *context,
                          struct rk_diag *diag)
{
    struct rk_list device, backend;
    enum rk_err err = rk_list_devices(root, devices, &device, diag);
    if (!err) {
        err = rk_list_backends(backends, &backend, diag);
    }
    for (size_t i = 0; !err && i < device.count * backend.count; i++) {
        err = each(context, device.item[i / backend.count], backend.item[i % backend.count], diag);
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
