/* engine/model/association.h - what a renewed key depends on: by its derivation graph, and by trying to compute it
 *
 * Model:  the graph of a mechanism says which sets of an adversary's knowledge lead to the new key; the association class
 *         follows from the graph alone. The trial runs a renewal between two agents on a real library, gives an adversary
 *         every subset of what there is to know, and lets it run the device's and the server's derivation on the
 *         transcript with zeros in place of what it lacks: it has the key or it does not. The two must agree.
 *         The adversary is passive, and what is public (ids, configuration, the server's static public key) it has.
 * Error:  a library in which zeros lead to the right key by chance: 2^-128.
 * Source: SP 800-57 Part 1 8.2.3 (rekey, key update, key derivation); the classes are this project's.
 */
#ifndef ENGINE_MODEL_ASSOCIATION_H
#define ENGINE_MODEL_ASSOCIATION_H

#include "engine/core/err.h"
#include "engine/lifecycle/agent.h"

/* What an adversary may have. */
enum rk_knowledge {
    RK_KNOWS_OLD_KEY = 1 << 0,        /* the session key before */
    RK_KNOWS_TRANSCRIPT = 1 << 1,     /* R1 and R2 */
    RK_KNOWS_AUTHENTICATION = 1 << 2, /* the long-term keys, one by one */
    RK_KNOWS_MASTER = 1 << 3,
    RK_KNOWS_KEK = 1 << 4,
    RK_KNOWS_STATIC = 1 << 5,    /* the server's static private key */
    RK_KNOWS_EPHEMERAL = 1 << 6, /* the device's ephemeral private key: gone once the exchange is done */
    RK_KNOWLEDGE_SETS = 1 << 7,
    RK_KNOWS_LONG_TERM = RK_KNOWS_AUTHENTICATION | RK_KNOWS_MASTER | RK_KNOWS_KEK | RK_KNOWS_STATIC,
};

/* The new key follows from all of needs[0], or from all of needs[1] where that is not 0. */
struct rk_association {
    uint8_t needs[2]; /* bits of enum rk_knowledge */
    bool fresh;       /* randomness drawn for this key alone goes in, and no frame shows it */
};

/* The derivation graph. in: enum rk_mechanism; first: of a chain's first key, which comes from the master key (also its
 * first one after a compromise or a renewal that was given up). */
struct rk_association rk_association_of(uint8_t mechanism, bool first);

/* out: whether this knowledge leads to the new key. */
bool rk_association_computable(const struct rk_association *graph, uint8_t knowledge);

/* out: "A0".."A5", from the graph. */
const char *rk_association_class(const struct rk_association *graph);
/* out: "rekey" (A0, A1), "key update" (A3, A4), "key derivation" (A2, A5); NULL for no class. */
const char *rk_association_term(const char *class);

/* Tries every set of knowledge on a renewal that really takes place.
 * in: a real library's backend; mechanism, suite and curve in config, of which role and triggers are not used; first: on
 * the first key of the pair instead of the second.
 * out: computed[knowledge]: the adversary had the device's new key; RK_OK, or RK_ERR_INPUT when the backend lacks what the
 * mechanism needs, RK_ERR_CHECK when the renewal itself failed. */
enum rk_err rk_association_try(const struct rk_backend *backend, const struct rk_agent_config *config, bool first,
                               uint64_t seed, bool computed[RK_KNOWLEDGE_SETS], struct rk_diag *diag);

#endif
