/* backends/operation_info.c - the list of backends/operation.h, spelled out once for the host */
#include "backends/operation_info.h"

#include <stddef.h>
#include <string.h>

#include "backends/backend.h"

struct shape {
    const char *inputs, *outputs;
};

static const struct shape shapes[] = {
#define SHAPE(shape, in, out) [RK_SHAPE_##shape] = {in, out},
    RK_SHAPES(SHAPE)
#undef SHAPE
};

static const struct rk_operation_info operations[] = {
#define OPERATION_INFO(name, alg, shape, key, variant, sizes, least, help)                                             \
    {#name, alg, RK_SHAPE_##shape, key, variant, least, sizes, help},
    RK_OPERATIONS(OPERATION_INFO)
#undef OPERATION_INFO
};

static const char *const names[] = {
#define OPERATION_NAME(name, alg, shape, key, variant, sizes, least, help) #name,
    RK_OPERATIONS(OPERATION_NAME)
#undef OPERATION_NAME
        NULL};

enum { OPERATION_COUNT = sizeof operations / sizeof operations[0] };

const struct rk_operation_info *rk_operation_info(unsigned operation)
{
    return operation < OPERATION_COUNT ? &operations[operation] : NULL;
}

const char *rk_operation_inputs(const struct rk_operation_info *info)
{
    return shapes[info->shape].inputs;
}

const char *rk_operation_outputs(const struct rk_operation_info *info)
{
    return shapes[info->shape].outputs;
}

const char *const *rk_operation_names(void)
{
    return names;
}

int rk_operation_find(const char *name)
{
    for (int i = 0; i < OPERATION_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *rk_operation_name(enum rk_operation operation)
{
    switch (operation) {
    case RK_OP_lifecycle_step:
        return "lifecycle_step";
    case RK_OP_empty:
        return "empty";
    default:
        return (int)operation < OPERATION_COUNT ? names[operation] : "no operation";
    }
}
