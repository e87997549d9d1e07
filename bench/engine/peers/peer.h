/* bench/engine/peers/peer.h - another simulator's scheduler, as a module gives it
 *
 * Model:  an event is (time, device, kind); events of the kinds from first_kind on can be cancelled, so the peer keeps
 *         its handle of each. C and C++.
 * Units:  ns.
 */
#ifndef BENCH_ENGINE_PEERS_PEER_H
#define BENCH_ENGINE_PEERS_PEER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void rk_peer_fire(void *context, uint32_t device, unsigned kind, uint64_t now_ns);

struct rk_peer {
    const char *name, *version;
    const char *const *variants; /* names, ended by NULL */
    void (*begin)(unsigned variant, uint32_t devices, unsigned first_kind, unsigned kinds, rk_peer_fire *fire,
                  void *context);
    void (*schedule)(uint64_t at_ns, uint32_t device, unsigned kind); /* no earlier than now */
    void (*cancel)(uint32_t device, unsigned kind); /* the pending one of this kind, where there is one */
    void (*run)(uint64_t horizon_ns);               /* handles all before the horizon, and returns */
};

/* Name of the one symbol that a module exports, of this type. */
typedef const struct rk_peer *rk_peer_open(void);
#define RK_PEER_OPEN "rk_peer_open_module"

#ifdef __cplusplus
}
#endif

#endif
