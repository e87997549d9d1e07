/* engine/cli/compare_functions.h - where two versions of a library, or of our own code, differ: cycles by function, of one operation or of those
 * that became worst
 */
#ifndef ENGINE_CLI_COMPARE_FUNCTIONS_H
#define ENGINE_CLI_COMPARE_FUNCTIONS_H

#include <stdbool.h>

#include "bench/compare/compare.h"
#include "engine/cli/source_tree.h"

/* in: backend: of each side, NAME or NAME@VERSION; tree: of each side, or NULL where both are built from the program's own. Prints a table as
 * Markdown or one JSON document. errors: those of rk_functions_measure(); RK_ERR_CHECK where a side has no figures. */
enum rk_err rk_cli_compare_functions(const char *const backend[2], const struct rk_source_tree *tree,
                                     const char *device, const char *op, bool json, struct rk_diag *diag);

/* The same as Markdown for the operations whose cycles grew most, by the comparison's own figures, a device each. in: upgrade, or of
 * two trees those. */
enum rk_err rk_cli_compare_worst(const struct rk_comparison *comparison, const struct rk_upgrade *upgrade,
                                 const struct rk_source_tree *tree, struct rk_diag *diag);

#endif
