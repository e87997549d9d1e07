/* engine/cli/lists.c - see lists.h */
#include "engine/cli/lists.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const libraries[] = {"mbedtls", "wolfssl", "libsodium"};

enum { LIBRARY_COUNT = sizeof libraries / sizeof libraries[0] };

static enum rk_err add(struct rk_list *list, const char *name, size_t length, struct rk_diag *diag)
{
    if (length == 0 || length >= RK_LIST_NAME_MAX || list->count == RK_LIST_MAX) {
        return rk_fail(diag, RK_ERR_INPUT, "`%.*s` is no name in a list, expected up to %d names, comma-separated",
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

static bool is_device(const char *root, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/devices/%s/device.yaml", root, name);
    return strchr(name, '/') == NULL && name[0] != '_' && name[0] != '.' && access(path, R_OK) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static enum rk_err all_devices(const char *root, struct rk_list *list, struct rk_diag *diag)
{
    char path[512];
    snprintf(path, sizeof path, "%s/devices", root);
    DIR *folder = opendir(path);
    if (!folder) {
        return rk_fail(diag, RK_ERR_MISSING, "%s: no such folder, expected the source tree (set REKEYLAB_ROOT)", path);
    }
    list->count = 0;
    enum rk_err err = RK_OK;
    for (struct dirent *entry = readdir(folder); entry && !err; entry = readdir(folder)) {
        if (is_device(root, entry->d_name)) {
            err = add(list, entry->d_name, strlen(entry->d_name), diag);
        }
    }
    closedir(folder);
    qsort(list->item, list->count, sizeof list->item[0], by_name);
    return err;
}

static void remove_name(struct rk_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->item[i], name) == 0) {
            memmove(list->item[i], list->item[i + 1], (--list->count - i) * sizeof list->item[0]);
            return;
        }
    }
}

enum rk_err rk_list_devices(const char *root, const char *text, struct rk_list *list, struct rk_diag *diag)
{
    struct rk_list all;
    enum rk_err err = all_devices(root, &all, diag);
    if (err) {
        return err;
    }
    if (strcmp(text, "all") == 0) {
        *list = all;
        remove_name(list, "host");
        return RK_OK;
    }
    err = split(text, list, diag);
    for (size_t i = 0; i < list->count && !err; i++) {
        if (!is_device(root, list->item[i])) {
            char names[RK_LIST_MAX * RK_LIST_NAME_MAX] = "";
            for (size_t k = 0; k < all.count; k++) {
                strcat(strcat(names, k ? " " : ""), all.item[k]);
            }
            err = rk_fail(diag, RK_ERR_INPUT, "unknown device `%s`, expected one of: %.300s", list->item[i], names);
        }
    }
    return err;
}

enum rk_err rk_list_backends(const char *text, struct rk_list *list, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    if (strcmp(text, "all") == 0) {
        list->count = 0;
        for (int i = 0; i < LIBRARY_COUNT && !err; i++) {
            err = add(list, libraries[i], strlen(libraries[i]), diag);
        }
        return err;
    }
    err = split(text, list, diag);
    for (size_t i = 0; i < list->count && !err; i++) {
        size_t length = strcspn(list->item[i], "@");
        bool known = false;
        for (int k = 0; k < LIBRARY_COUNT; k++) {
            known |= strlen(libraries[k]) == length && strncmp(libraries[k], list->item[i], length) == 0;
        }
        if (!known) {
            err = rk_fail(diag, RK_ERR_INPUT,
                          "unknown backend `%s`, expected one of: mbedtls wolfssl libsodium, or NAME@VERSION",
                          list->item[i]);
        }
    }
    return err;
}
