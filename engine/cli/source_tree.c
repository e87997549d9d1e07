#include "engine/cli/source_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/cli/root.h"
#include "engine/core/program.h"

enum { PATH_bytes = 2048 };

/* What the program and a device's image agree on. */
static const char *const contracts[] = {"backends/operation.h", "devices/firmware/mailbox.h"};

static const struct rk_program_text dropped = {NULL, 0};

static bool is_tree(const char *path)
{
    char contract[PATH_bytes];
    snprintf(contract, sizeof contract, "%s/%s", path, contracts[0]);
    return access(contract, R_OK) == 0;
}

/* out: whether git knows it; the name of its tree. */
static bool find_revision(const char *given, char tree[80])
{
    char object[PATH_bytes];
    snprintf(object, sizeof object, "%s^{tree}", given);
    const char *const command[] = {"git", "-C", rk_cli_root(), "rev-parse", "--verify", "--quiet", object, NULL};
    if (given[0] == '-' || rk_program_run(command, (struct rk_program_text){tree, 80}, dropped) != 0) {
        return false;
    }
    tree[strcspn(tree, "\n")] = '\0';
    return tree[0] != '\0';
}

bool rk_source_tree_is(const char *given)
{
    char tree[80];
    return is_tree(given) || find_revision(given, tree);
}

static enum rk_err take_out(const char *revision, struct rk_source_tree *tree, struct rk_diag *diag)
{
    char archive[PATH_bytes], output[PATH_bytes + 16];
    const char *folder = getenv("TMPDIR");
    snprintf(tree->path, sizeof tree->path, "%.900s/rekeylab-tree-XXXXXX",
             folder != NULL && folder[0] ? folder : "/tmp");
    if (mkdtemp(tree->path) == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a folder for the files of %.40s", tree->path, strerror(errno),
                       tree->given);
    }
    tree->ours = true;
    snprintf(archive, sizeof archive, "%s/tree.tar", tree->path);
    snprintf(output, sizeof output, "--output=%s", archive);
    const char *const pack[] = {"git", "-C", rk_cli_root(), "archive", "--format=tar", output, revision, NULL};
    const char *const unpack[] = {"tar", "-xf", archive, "-C", tree->path, NULL};
    if (rk_program_run(pack, dropped, dropped) != 0 || rk_program_run(unpack, dropped, dropped) != 0) {
        return rk_fail(diag, RK_ERR_IO, "%s: the files of %.40s cannot be written there", tree->path, tree->given);
    }
    unlink(archive);
    return is_tree(tree->path) ? RK_OK
                               : rk_fail(diag, RK_ERR_INPUT, "%.40s: no %s in it, expected a revision that measures",
                                         tree->given, contracts[0]);
}

static bool same_file(const char *a, const char *b)
{
    const char *const command[] = {"cmp", "-s", a, b, NULL};
    return rk_program_run(command, dropped, dropped) == 0;
}

static enum rk_err check_contracts(const struct rk_source_tree *tree, struct rk_diag *diag)
{
    for (size_t i = 0; i < sizeof contracts / sizeof contracts[0]; i++) {
        char theirs[PATH_bytes], ours[PATH_bytes];
        snprintf(theirs, sizeof theirs, "%s/%s", tree->path, contracts[i]);
        snprintf(ours, sizeof ours, "%s/%s", rk_cli_root(), contracts[i]);
        if (!same_file(theirs, ours)) {
            return rk_fail(diag, RK_ERR_INPUT,
                           "%.60s: its %s is not that of this program, expected a tree whose images it can talk to",
                           tree->given, contracts[i]);
        }
    }
    return RK_OK;
}

enum rk_err rk_source_tree_open(const char *given, struct rk_source_tree *tree, struct rk_diag *diag)
{
    char revision[80];
    enum rk_err err = RK_OK;
    *tree = (struct rk_source_tree){.given = given};
    if (is_tree(given)) {
        char *whole = realpath(given, NULL);
        RK_REQUIRE(whole != NULL);
        snprintf(tree->path, sizeof tree->path, "%s", whole);
        free(whole);
    } else if (find_revision(given, revision)) {
        err = take_out(revision, tree, diag);
    } else {
        return rk_fail(diag, RK_ERR_INPUT, "'%.60s', expected a folder with a source tree, or a git revision of %s",
                       given, rk_cli_root());
    }
    err = err ? err : check_contracts(tree, diag);
    if (err != RK_OK) {
        rk_source_tree_close(tree);
    }
    return err;
}

void rk_source_tree_close(struct rk_source_tree *tree)
{
    const char *const command[] = {"rm", "-rf", "--", tree->path, NULL};
    if (tree->ours) {
        rk_program_run(command, dropped, dropped);
    }
    tree->ours = false;
}

void rk_source_tree_use(const struct rk_source_tree *tree)
{
    setenv("REKEYLAB_ROOT", tree != NULL ? tree->path : rk_cli_root(), 1);
}
