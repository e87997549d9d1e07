/* engine/study/mpi/ranks_mpi.c - struct rk_ranks over MPI, as a library that rk_ranks_open() loads */
#include <mpi.h>

#include "engine/study/ranks.h"

enum { TAG = 1 };

static void share(void *data, size_t bytes)
{
    MPI_Bcast(data, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static void send(unsigned to, const void *data, size_t bytes)
{
    MPI_Send(data, (int)bytes, MPI_BYTE, (int)to, TAG, MPI_COMM_WORLD);
}

static bool receive(unsigned *from, void *data, size_t bytes)
{
    MPI_Status status;
    int there = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &there, &status);
    if (there == 0) {
        return false;
    }
    *from = (unsigned)status.MPI_SOURCE;
    MPI_Recv(data, (int)bytes, MPI_BYTE, status.MPI_SOURCE, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return true;
}

static void finalize(void)
{
    MPI_Finalize();
}

/* out: NULL for a process that is alone after all. */
const struct rk_ranks *rki_ranks_mpi(void);

const struct rk_ranks *rki_ranks_mpi(void)
{
    static struct rk_ranks ranks = {.share = share, .send = send, .receive = receive, .close = finalize};
    int provided, rank, size;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size == 1) {
        MPI_Finalize();
        return NULL;
    }
    ranks.rank = (unsigned)rank;
    ranks.size = (unsigned)size;
    return &ranks;
}
