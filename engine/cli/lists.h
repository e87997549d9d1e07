/* engine/cli/lists.h - comma-separated lists of names on the command line; `all` means all
 *
 * Errors: RK_ERR_INPUT with the nearest valid name.
 */
#ifndef ENGINE_CLI_LISTS_H
#define ENGINE_CLI_LISTS_H

#include <stddef.h>

#include "engine/core/err.h"

enum { RK_LIST_MAX = 32, RK_LIST_NAME_MAX = 48 };

struct rk_list {
    size_t count;
    char item[RK_LIST_MAX][RK_LIST_NAME_MAX];
};

/* The crypto libraries that backends/ has an adapter for; NULL after the last. One line adds one. */
extern const char *const rk_libraries[];

/* Of these names, ended by NULL; `all` is each. what: "mechanism". */
enum rk_err rk_list_names(const char *what, const char *text, const char *const *names, struct rk_list *list,
                          struct rk_diag *diag);

/* Devices and boards of the tree; `all` is the devices without `host`, which has no cycle figures. */
enum rk_err rk_list_devices(const char *root, const char *text, struct rk_list *list, struct rk_diag *diag);

/* Libraries, each as NAME or NAME@VERSION; `all` is each at its default version. */
enum rk_err rk_list_backends(const char *text, struct rk_list *list, struct rk_diag *diag);

/* Calls `each` with every device and backend of two lists, the backends of a device one after the other, until it fails;
 * not before both lists are in order. */
typedef enum rk_err rk_pair_fn(void *context, const char *device, const char *backend, struct rk_diag *diag);
enum rk_err rk_list_pairs(const char *root, const char *devices, const char *backends, rk_pair_fn *each, void *context,
                          struct rk_diag *diag);

/* One device or board, and one device and one backend, for commands that take no lists. */
enum rk_err rk_list_check_device(const char *root, const char *device, struct rk_diag *diag);
enum rk_err rk_list_check_one(const char *root, const char *device, const char *backend, struct rk_diag *diag);

#endif
