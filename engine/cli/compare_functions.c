#include "engine/cli/compare_functions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/functions.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"

enum { ROWS_MAX = 20, WORST_MAX = 3 };

struct sides {
    const char *device, *op;
    const char *backend[2];
    const struct rk_source_tree *tree; /* two of them; NULL: both are of the program's own */
    struct rk_functions of[2];
    struct rk_function_change *change;
    size_t changes;
};

static enum rk_err measure_side(struct sides *sides, int side, uint32_t size_bytes, struct rk_diag *diag)
{
    struct rk_functions *of = &sides->of[side];
    const char *root = sides->tree != NULL ? sides->tree[side].path : rk_cli_root();
    enum rk_err err = rk_list_check_one(root, sides->device, sides->backend[side], diag);
    err = err ? err : rk_functions_measure(sides->device, sides->backend[side], sides->op, size_bytes, of, diag);
    if (err == RK_OK && of->function == NULL) {
        err = rk_fail(diag, RK_ERR_CHECK, "%s of %s on %s: %s", sides->op, of->library, sides->device, of->status);
    }
    return err;
}

static enum rk_err measure(struct sides *sides, uint32_t size_bytes, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    for (int side = 0; side < 2 && err == RK_OK; side++) {
        rk_source_tree_use(sides->tree != NULL ? &sides->tree[side] : NULL);
        err = measure_side(sides, side, size_bytes, diag);
    }
    rk_source_tree_use(NULL);
    if (err == RK_OK) {
        sides->change = rk_functions_compare(&sides->of[0], &sides->of[1], &sides->changes);
    }
    return err;
}

/* What a side is called: of two trees the library is mostly the same. */
static const char *name_of(const struct sides *sides, int side)
{
    return sides->tree != NULL ? sides->tree[side].given : sides->of[side].library;
}

static void fini(struct sides *sides)
{
    rk_functions_fini(&sides->of[0]);
    rk_functions_fini(&sides->of[1]);
    free(sides->change);
}

static void print_row(const char *name, double base, double current)
{
    printf("| %s | %.0f | %.0f | %+.0f |", name, base, current, current - base);
    if (base > 0) {
        printf(" %+.1f %% |\n", 100 * (current / base - 1));
    } else {
        printf(" new |\n");
    }
}

static void print_markdown(const struct sides *sides)
{
    const struct rk_functions *base = &sides->of[0], *current = &sides->of[1];
    double rest[2] = {(double)base->cycles, (double)current->cycles};
    printf("\n%s, %u B, ", sides->op, base->size_bytes);
    if (sides->tree != NULL) {
        bool same = strcmp(base->library, current->library) == 0;
        printf("%s%s%s, ", base->library, same ? "" : " and ", same ? "" : current->library);
    }
    printf("on %s: cycles in the code of each function, without what it calls\n\n", sides->device);
    printf("| function | %s | %s | difference | |\n|---|---:|---:|---:|---:|\n", name_of(sides, 0), name_of(sides, 1));
    print_row("**the whole call**", rest[0], rest[1]);
    for (size_t i = 0; i < sides->changes && i < ROWS_MAX; i++) {
        print_row(sides->change[i].name, sides->change[i].base, sides->change[i].current);
        rest[0] -= sides->change[i].base;
        rest[1] -= sides->change[i].current;
    }
    print_row("all others", rest[0], rest[1]);
    printf("\n%llu and %llu looks at evenly spaced steps; differences within three standard deviations are among the "
           "others.\n",
           (unsigned long long)base->looks, (unsigned long long)current->looks);
}

static json_t *json_of(const struct sides *sides)
{
    static const char *const name[2] = {"base", "current"};
    json_t *functions = json_array();
    json_t *root = json_pack("{s:s, s:s, s:i}", "device", sides->device, "operation", sides->op, "size_bytes",
                             (int)sides->of[0].size_bytes);
    for (int side = 0; side < 2; side++) {
        json_object_set_new(root, name[side],
                            json_pack("{s:s?, s:s, s:I, s:I}", "tree",
                                      sides->tree != NULL ? sides->tree[side].given : NULL, "library",
                                      sides->of[side].library, "cycles", (json_int_t)sides->of[side].cycles, "looks",
                                      (json_int_t)sides->of[side].looks));
    }
    for (size_t i = 0; i < sides->changes; i++) {
        const struct rk_function_change *change = &sides->change[i];
        json_array_append_new(functions, json_pack("{s:s, s:f, s:f, s:f}", "function", change->name, "base_cycles",
                                                   change->base, "current_cycles", change->current, "difference_cycles",
                                                   change->current - change->base));
    }
    json_object_set_new(root, "functions", functions);
    return root;
}

enum rk_err rk_cli_compare_functions(const char *const backend[2], const struct rk_source_tree *tree,
                                     const char *device, const char *op, bool json, struct rk_diag *diag)
{
    struct sides sides = {.device = device, .op = op, .backend = {backend[0], backend[1]}, .tree = tree};
    enum rk_err err = measure(&sides, UINT32_MAX, diag);
    if (err == RK_OK && json) {
        err = rk_cli_print_json(json_of(&sides), diag);
    } else if (err == RK_OK) {
        print_markdown(&sides);
    }
    fini(&sides);
    return err;
}

/* --- of a comparison --- */

static double growth(const struct rk_change_item *item)
{
    return strcmp(item->metric, "cycles_median") == 0 && item->base > 0 ? item->current / item->base - 1 : 0;
}

/* out: whether there is one with less growth than `below`: the item with the most. */
static const struct rk_change_item *worst_below(const struct rk_comparison *comparison, double below)
{
    const struct rk_change_item *worst = NULL;
    for (size_t i = 0; i < comparison->items; i++) {
        double grown = growth(&comparison->item[i]);
        if (grown > 0 && grown < below && (worst == NULL || grown > growth(worst))) {
            worst = &comparison->item[i];
        }
    }
    return worst;
}

enum rk_err rk_cli_compare_worst(const struct rk_comparison *comparison, const struct rk_upgrade *upgrade,
                                 const struct rk_source_tree *tree, struct rk_diag *diag)
{
    const struct rk_change_item *worst;
    double below = INFINITY;
    enum rk_err err = RK_OK;
    for (int i = 0; i < WORST_MAX && err == RK_OK && (worst = worst_below(comparison, below)) != NULL; i++) {
        const struct rk_compare_subject *subject = &comparison->subject[worst->subject];
        char device[64], backend[64], op[64];
        unsigned size = 0;
        if (sscanf(subject->group, "%63s %63s", device, backend) == 2 &&
            sscanf(subject->name, "%63s %u B", op, &size) >= 1) {
            struct sides sides = {.device = device, .op = op, .tree = tree};
            sides.backend[0] = tree != NULL ? backend : upgrade->from;
            sides.backend[1] = tree != NULL ? backend : upgrade->to;
            err = measure(&sides, size, diag);
            if (err == RK_OK) {
                print_markdown(&sides);
            }
            fini(&sides);
        }
        below = growth(worst);
    }
    return err;
}
