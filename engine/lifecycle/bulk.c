#include "engine/lifecycle/bulk.h"

#include "engine/lifecycle/internal.h"

static const struct rk_bulk none = {.messages = 0, .before_ns = 0};

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t room(uint32_t limit, uint32_t used)
{
    return limit > used ? limit - used : 0;
}

/* Under way, and in no need of entropy. */
static bool calm(const struct rk_agent *agent, const struct rk_key *key)
{
    return agent->started == RKI_STARTED && agent->drbg_requests < RKI_DRBG_REQUESTS_WANTED &&
           key->state == RK_STATE_ACTIVE;
}

/* The key's traffic key is at hand, too: its steps ask for nothing, derive nothing. */
static bool settled(const struct rk_agent *agent, const struct rk_key *key)
{
    uint8_t mechanism = agent->config.policy.mechanism;
    bool chains = mechanism == RK_MECHANISM_REFRESH || mechanism == RK_MECHANISM_UPDATE;
    return calm(agent, key) && (!chains || agent->traffic_id == key->id);
}

struct rk_bulk rk_bulk_sends(const struct rk_agent *device)
{
    const struct rk_policy *policy = &device->config.policy;
    const struct rk_key *key = &device->key[RKI_CURRENT];
    if (rki_own(policy) != NULL || !settled(device, key)) /* it is asked after each message */
        return none;
    struct rk_key_rules rules = rki_key_rules(device);
    uint32_t used = key->protected_messages;
    uint32_t messages = room(rules.messages_max - 1, used); /* the last permitted one ends the key */
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0)
        messages = least(messages, room(policy->messages - 1, used));
    if (device->nvm != NULL)
        messages = least(messages, room(device->store.send_reserved, used));
    uint64_t end_ns = rk_key_originator_end_ns(key, &rules);
    return (struct rk_bulk){messages, rki_earlier_ns(end_ns, device->wake_ns)};
}

uint16_t rk_bulk_frame_bytes(uint16_t text_bytes, uint8_t tag_bytes)
{
    return (uint16_t)(RKI_DATA_HEADER_bytes + text_bytes + tag_bytes);
}

static const struct rk_key *key_by_id(const struct rk_agent *agent, uint32_t id)
{
    for (uint8_t slot = 0; slot < 3; slot++)
        if (agent->key[slot].id == id && agent->key[slot].state != RK_STATE_NONE)
            return &agent->key[slot];
    return NULL;
}

static bool same_key(const struct rk_agent *peer, const struct rk_key *left, const struct rk_agent *device,
                     const struct rk_key *right)
{
    return peer->config.aead == device->config.aead && peer->config.tag_bytes == device->config.tag_bytes &&
           __builtin_memcmp(left->material, right->material, rki_key_bytes(device)) == 0;
}

struct rk_bulk rk_bulk_receives(const struct rk_agent *peer, const struct rk_agent *device)
{
    const struct rk_key *sent = &device->key[RKI_CURRENT];
    const struct rk_key *key = key_by_id(peer, sent->id);
    if (key != &peer->key[RKI_CURRENT] || !settled(peer, key) || peer->nvm != NULL ||
        sent->protected_messages < key->receive_counter || !same_key(peer, key, device, sent))
        return none;
    struct rk_key_rules rules = rki_key_rules(peer);
    uint64_t end_ns = rk_key_recipient_end_ns(key, &rules);
    return (struct rk_bulk){room(UINT32_MAX, sent->protected_messages), rki_earlier_ns(end_ns, peer->wake_ns)};
}

void rk_bulk_sent(struct rk_agent *device, uint32_t count, uint64_t now_ns)
{
    device->key[RKI_CURRENT].protected_messages += count;
    device->now_ns = now_ns;
}

void rk_bulk_received(struct rk_agent *peer, uint32_t counter, uint64_t now_ns)
{
    peer->key[RKI_CURRENT].receive_counter = counter + 1;
    peer->now_ns = now_ns;
}

static bool gone(const struct rk_key *key)
{
    return key->state == RK_STATE_NONE || key->state == RK_STATE_DESTROYED;
}

bool rk_bulk_rests(const struct rk_agent *agent)
{
    const struct rk_key *key = &agent->key[RKI_CURRENT];
    return calm(agent, key) && !key->compromised && key->id == agent->last_key_id && gone(&agent->key[RKI_PREVIOUS]) &&
           gone(&agent->key[RKI_NEXT]) &&
           (agent->exchange.stage == RKI_STAGE_NONE || agent->exchange.stage == RKI_STAGE_SETTLED);
}

bool rk_bulk_draws(const struct rk_agent *agent, uint16_t requests)
{
    return agent->drbg_requests + requests < RKI_DRBG_REQUESTS_WANTED;
}

bool rk_bulk_renews(const struct rk_agent *device, uint64_t now_ns)
{
    const struct rk_key *key = &device->key[RKI_CURRENT];
    return rk_bulk_rests(device) && rki_own(&device->config.policy) == NULL && rki_reached(now_ns, device->wake_ns) &&
           !rki_key_ended(device, key) && !rki_key_exhausted(device, key) && key->id < UINT32_MAX;
}

void rk_bulk_wake(struct rk_agent *agent, uint64_t now_ns)
{
    agent->now_ns = now_ns;
    rki_schedule(agent);
}

void rk_bulk_renewed(struct rk_agent *agent, uint64_t activated_ns, uint16_t drbg_requests, uint32_t send_reserved)
{
    struct rk_key *key = &agent->key[RKI_CURRENT];
    key->id = ++agent->last_key_id;
    agent->store.id_reserved++; /* by the record of the new key */
    agent->traffic_id = 0;
    key->protected_messages = 0;
    key->receive_counter = 0;
    key->activated_ns = activated_ns;
    key->changed_ns = activated_ns;
    agent->store.send_reserved = send_reserved;
    agent->drbg_requests = (uint16_t)(agent->drbg_requests + drbg_requests);
    agent->renew_not_before_ns = 0;
    rk_bulk_wake(agent, activated_ns);
}
