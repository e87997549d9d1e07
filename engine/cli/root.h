/* engine/cli/root.h - where the program's files are: devices, backends, scenarios, recorded rows, firmware sources
 *
 * Model: REKEYLAB_ROOT of the environment; else, of an installed program, PREFIX/share/rekeylab, found from where the program
 *        is (PREFIX/lib/rekeylab/bin), so that the prefix may be moved; else the tree that it was built from. Nothing is ever
 *        written there but by `bench --record`.
 */
#ifndef ENGINE_CLI_ROOT_H
#define ENGINE_CLI_ROOT_H

#include "engine/core/err.h"

/* Settles the root, and puts it into the environment for the builder of firmware and for scripts. Once, before all else. */
void rk_cli_root_find(void);

/* out: the root. */
const char *rk_cli_root(void);

/* The file that a study's argument means: it as given where there is one; else of that path, or of that name among the
 * scenarios, under the root. out: *path, valid until the next call; as given where there is none, for whoever opens it to
 * complain. errors: RK_ERR_INPUT with the nearest name, for a word that is neither. */
RK_MUST_CHECK enum rk_err rk_cli_study(const char *given, const char **path, struct rk_diag *diag);

#endif
