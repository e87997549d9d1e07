/* bench/operation.c - the operations of backends/operation.h as a table */
#include <string.h>

#include "backends/operation.h"
#include "bench/bench.h"

static const struct rk_operation_info operations[] = {
#define RK_OPERATION_INFO(name, alg, in, out, sizes, help) {#name, alg, in, out, sizes, help},
    RK_OPERATIONS(RK_OPERATION_INFO)
#undef RK_OPERATION_INFO
};

enum { OPERATION_COUNT = sizeof operations / sizeof operations[0] };

const struct rk_operation_info *rk_operation_info(unsigned operation)
{
    return operation < OPERATION_COUNT ? &operations[operation] : NULL;
}

int rk_operation_find(const char *name)
{
    for (unsigned i = 0; i < OPERATION_COUNT; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}
