/* engine/study/mpi/ranks_mpi.c - struct rk_ranks over MPI, as a library that rk_ranks_open() loads */
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/study/ranks.h"

enum { TAG = 1, COLLECT_TAG = 2 };

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

/* One trial over all ranks */

static struct {
    int ranks;
    uint64_t *all;
    size_t capacity, *counts;
    int *lengths, *offsets;
} exchanged;

/* This library has nothing of the program's: it cannot panic as others do. */
static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("rekeylab: no memory for what ranks exchange\n", stderr);
        MPI_Abort(MPI_COMM_WORLD, 3);
    }
    return memory;
}

static void make_exchange(int ranks)
{
    exchanged.ranks = ranks;
    exchanged.counts = need(calloc((size_t)ranks, sizeof *exchanged.counts));
    exchanged.lengths = need(calloc((size_t)ranks, sizeof *exchanged.lengths));
    exchanged.offsets = need(calloc((size_t)ranks, sizeof *exchanged.offsets));
}

static uint64_t least(void *context, uint64_t mine)
{
    uint64_t all;
    (void)context;
    MPI_Allreduce(&mine, &all, 1, MPI_UINT64_T, MPI_MIN, MPI_COMM_WORLD);
    return all;
}

static void exchange(void *context, const uint64_t *mine, size_t count, const uint64_t **all, const size_t **counts)
{
    int length = (int)count, total = 0;
    (void)context;
    MPI_Allgather(&length, 1, MPI_INT, exchanged.lengths, 1, MPI_INT, MPI_COMM_WORLD);
    for (int i = 0; i < exchanged.ranks; i++) {
        exchanged.counts[i] = (size_t)exchanged.lengths[i];
        exchanged.offsets[i] = total;
        total += exchanged.lengths[i];
    }
    if ((size_t)total > exchanged.capacity) {
        exchanged.capacity = 2 * (size_t)total;
        exchanged.all = need(realloc(exchanged.all, exchanged.capacity * sizeof *exchanged.all));
    }
    MPI_Allgatherv(mine, length, MPI_UINT64_T, exchanged.all, exchanged.lengths, exchanged.offsets, MPI_UINT64_T,
                   MPI_COMM_WORLD);
    *all = exchanged.all;
    *counts = exchanged.counts;
}

/* One after the other: rank 0 has room for one of them. */
static void collect(void *context, const void *mine, size_t bytes, void (*take)(void *into, const void *theirs),
                    void *into)
{
    int rank;
    (void)context;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank != 0) {
        MPI_Send(mine, (int)bytes, MPI_BYTE, 0, COLLECT_TAG, MPI_COMM_WORLD);
        return;
    }
    void *theirs = need(malloc(bytes));
    for (int i = 1; i < exchanged.ranks; i++) {
        MPI_Recv(theirs, (int)bytes, MPI_BYTE, i, COLLECT_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        take(into, theirs);
    }
    free(theirs);
}

static void finalize(void)
{
    free(exchanged.all);
    free(exchanged.counts);
    free(exchanged.lengths);
    free(exchanged.offsets);
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
    ranks.parts = (struct rk_parts){
        .part = (uint32_t)rank, .parts = (uint32_t)size, .least = least, .exchange = exchange, .collect = collect};
    make_exchange(size);
    return &ranks;
}
