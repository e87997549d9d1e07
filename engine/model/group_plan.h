/* engine/model/group_plan.h - all that is going to happen to a fleet's group, from seed and replication alone
 *
 * Model:  drawn before the trial begins, so that every device, thread and process has the same, and none waits for
 *         another. What group_plan.c draws and group.c reads.
 * Units:  ns, bytes.
 */
#ifndef ENGINE_MODEL_GROUP_PLAN_H
#define ENGINE_MODEL_GROUP_PLAN_H

#include "engine/lifecycle/group.h"
#include "engine/model/meter.h"
#include "engine/model/occasion.h"

enum { RK_GROUP_FRAME_ENTRIES_max = 64 };

struct rk_group_change {
    uint32_t device;
    bool joins;
    bool had_key; /* a leaver that has the group's key */
};

struct rk_group_round { /* a rekey */
    rk_ns at_ns;
    uint32_t first, changes, leaves;
    uint32_t entries;
    rk_ns waited_ns;   /* of its leavers, from their leave on, together */
    uint32_t captured; /* of the leavers */
    rk_ns read_ns;     /* since they were captured, together */
};

struct rk_group_plan {
    struct rk_group_config tree;
    uint32_t width; /* devices of a tree */
    struct rk_group_change *change;
    struct rk_group_round *round;
    uint32_t changes, rounds;
    uint32_t frame_entries;                         /* that fit a frame */
    rk_ns frame_ns[RK_GROUP_FRAME_ENTRIES_max + 1]; /* on the air, by entries; multicast that is not acknowledged */
    rk_ns pairwise_ns;                              /* from one member to the next, where each gets its own */
    bool unacknowledged;                            /* multicast is */
    struct rk_usage seals;                          /* one entry */
    struct rk_usage passes;                         /* an entry of others */
    struct rk_usage opens[RK_GROUP_HEIGHT_MAX + 1]; /* so many keys, those next to the root */
};

/* What happens to a member: group.c. */
const struct rk_occasion_source *rki_group_source(void);

#endif
