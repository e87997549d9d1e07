/* engine/cli/source_tree.h - our own sources as they are in a folder, or were in a git revision
 *
 * Model: a revision's files are taken out of git into a folder of their own under TMPDIR, and removed when closed. What is built then is
 *        built from that tree alone, devices and scripts included; emulators and what measures are this program's. So the tree's mailbox
 *        and operations must be this program's too.
 */
#ifndef ENGINE_CLI_SOURCE_TREE_H
#define ENGINE_CLI_SOURCE_TREE_H

#include <stdbool.h>

#include "engine/core/err.h"

struct rk_source_tree {
    const char *given;
    char path[1024];
    bool ours; /* to be removed */
};

/* out: whether `given` is a folder with a tree, or names a git revision of the root. */
bool rk_source_tree_is(const char *given);

/* in: given: a folder, or a git revision of the root; stays the caller's. errors: RK_ERR_INPUT for what is neither, and for a tree that this
 * program cannot talk to; RK_ERR_IO; RK_ERR_MISSING without git. On error nothing is to be closed. */
RK_MUST_CHECK enum rk_err rk_source_tree_open(const char *given, struct rk_source_tree *tree, struct rk_diag *diag);
void rk_source_tree_close(struct rk_source_tree *tree);

/* From now on the tree is the root for what builds and measures; NULL: the program's own again. */
void rk_source_tree_use(const struct rk_source_tree *tree);

#endif
