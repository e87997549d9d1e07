#include "engine/study/ranks.h"

#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What Open MPI's mpirun, srun and other starters tell a process of its number; of how many there are not all tell. */
static bool is_one_of_several(void)
{
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *size = getenv(sizes[i]);
        if (size != NULL) {
            return strcmp(size, "1") != 0;
        }
    }
    return getenv("PMIX_RANK") != NULL;
}

/* The library lies beside the folder of the program. */
static enum rk_err load(const struct rk_ranks *(**open)(void), struct rk_diag *diag)
{
    char program[4096], path[4200];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length < 0 ? 0 : length] = '\0';
    snprintf(path, sizeof path, "%s/../lib/librekeylab_mpi.so", dirname(program));
    if (access(path, R_OK) != 0) {
        return rk_fail(diag, RK_ERR_MISSING,
                       "started as one of several processes, but built without MPI: apt-get install "
                       "--no-install-recommends libopenmpi-dev, and build anew");
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    *open = library != NULL ? (const struct rk_ranks *(*)(void))dlsym(library, "rki_ranks_mpi") : NULL;
    return *open != NULL ? RK_OK : rk_fail(diag, RK_ERR_MISSING, "MPI cannot be loaded: %s", dlerror());
}

enum rk_err rk_ranks_open(const struct rk_ranks **ranks, struct rk_diag *diag)
{
    const struct rk_ranks *(*open)(void) = NULL;
    *ranks = NULL;
    if (!is_one_of_several()) {
        return RK_OK;
    }
    enum rk_err err = load(&open, diag);
    if (err == RK_OK) {
        *ranks = open();
    }
    return err;
}

enum rk_err rk_ranks_share_err(const struct rk_ranks *ranks, enum rk_err err)
{
    if (ranks != NULL) {
        ranks->share(&err, sizeof err);
    }
    return err;
}

void rk_ranks_close(const struct rk_ranks *ranks)
{
    if (ranks != NULL) {
        ranks->close();
    }
}
