/* backends/operation_info.h - the list of backends/operation.h as a table, for programs on the host
 *
 * Model:  one entry for each operation that can be called and measured; names also for what only the firmware serves.
 */
#ifndef BACKENDS_OPERATION_INFO_H
#define BACKENDS_OPERATION_INFO_H

#include <stdint.h>

#include "backends/operation.h"

struct rk_operation_info {
    const char *name;
    uint8_t alg;     /* enum rk_alg; RK_ALG_COUNT when it is no single primitive */
    uint8_t shape;   /* enum rk_shape */
    uint8_t key;     /* bytes when measured; 0 when the algorithm fixes it */
    uint8_t variant; /* of the shape: tag bytes, OAEP, step */
    uint8_t least;   /* measured on devices of this class and above */
    const char *sizes, *help;
};

/* out: names of its fields, comma-separated, in the order of the mailbox; "" for none. */
const char *rk_operation_inputs(const struct rk_operation_info *info);
const char *rk_operation_outputs(const struct rk_operation_info *info);

/* out: NULL past the last operation that can be measured. */
const struct rk_operation_info *rk_operation_info(unsigned operation);

/* out: enum rk_operation, or -1 for a name that is none. */
int rk_operation_find(const char *name);

/* out: the names of all that can be measured, ended by NULL. */
const char *const *rk_operation_names(void);

/* out: field name of an algorithm, "aes_ccm"; NULL past the last. */
const char *rk_alg_name(unsigned alg);

/* in: any enum rk_operation. out: its field name, "x25519_agree". */
const char *rk_operation_name(enum rk_operation operation);

#endif
