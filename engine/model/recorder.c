#include "engine/model/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "engine/lifecycle/internal.h"
#include "engine/model/node_internal.h"

/* Of R1 and R2: kind, ids and mechanism, which anybody can write. */
enum { HEADER_R1_bytes = 10, HEADER_R2_bytes = 6 };

struct seen {
    rk_ns at_ns;
    size_t at; /* in the recorder's bytes */
    uint32_t key_id;
    uint16_t bytes;
};

struct renewal {
    rk_ns activated_ns;
    size_t first; /* frame from when on its key protects */
    uint32_t id;
    bool nonces; /* were not missed */
    uint8_t r1[RK_EXCHANGE_MAX_bytes], r2[RK_EXCHANGE_MAX_bytes];
};

struct taken {
    struct rk_agent memory;
    struct rk_provision server;
    rk_ns root_end_ns;
    bool recorded;
    size_t now, first_renewal; /* frames and renewals of before */
    size_t epoch_first, held_first;
    size_t session_end;
};

struct rk_recorder {
    uint8_t *byte;
    struct seen *seen;
    struct renewal *renewal;
    struct taken *taken;
    size_t bytes, seen_count, renewals, takens;
    uint8_t r1[RK_EXCHANGE_MAX_bytes], r2[RK_EXCHANGE_MAX_bytes];
};

enum image { IMAGE_SESSION, IMAGE_DEVICE, IMAGE_SERVER };

/* Room for so many more, by doubling. */
static void *grown(void *old, size_t count, size_t more, size_t unit)
{
    size_t before = 64, needed = count + more;
    while (before < count) {
        before *= 2;
    }
    if (old != NULL && needed <= before) {
        return old;
    }
    while (before < needed) {
        before *= 2;
    }
    void *room = realloc(old, before * unit);
    RK_REQUIRE(room != NULL);
    return room;
}

void rk_recorder_open(struct rk_node *node)
{
    if (node->fleet->trial->adversary.tried) {
        node->recorder = calloc(1, sizeof *node->recorder);
        RK_REQUIRE(node->recorder != NULL);
    }
}

static void add_frame(struct rk_recorder *recorder, const struct rk_actions *actions, rk_ns now_ns)
{
    recorder->byte = grown(recorder->byte, recorder->bytes, actions->frame_bytes, 1);
    recorder->seen = grown(recorder->seen, recorder->seen_count, 1, sizeof *recorder->seen);
    memcpy(recorder->byte + recorder->bytes, actions->frame, actions->frame_bytes);
    recorder->seen[recorder->seen_count++] = (struct seen){
        .at_ns = now_ns, .at = recorder->bytes, .key_id = rki_get32(actions->frame + 1), .bytes = actions->frame_bytes};
    recorder->bytes += actions->frame_bytes;
}

void rk_recorder_step(struct rk_node *node, const struct rk_event *event)
{
    struct rk_recorder *recorder = node->recorder;
    const struct rk_actions *actions = &node->fleet->actions;
    if (event->kind == RK_EVENT_RECEIVE && event->data[0] == RK_FRAME_R2) {
        memcpy(recorder->r2, event->data, event->data_bytes);
    }
    if (actions->frame_kind == RK_FRAME_R1) {
        memcpy(recorder->r1, actions->frame, actions->frame_bytes);
    } else if (actions->frame_kind == RK_FRAME_DATA) {
        add_frame(recorder, actions, event->now_ns);
    }
}

void rk_recorder_renewed(struct rk_node *node, const struct rk_key *key)
{
    struct rk_recorder *recorder = node->recorder;
    const struct rk_fleet *fleet = node->fleet;
    uint64_t missed = rk_rng_draw(&fleet->rng, node->index, RK_RNG_MISSED, node->renewal);
    recorder->renewal = grown(recorder->renewal, recorder->renewals, 1, sizeof *recorder->renewal);
    struct renewal *renewal = &recorder->renewal[recorder->renewals++];
    *renewal = (struct renewal){.activated_ns = key->activated_ns,
                                .first = recorder->seen_count,
                                .id = key->id,
                                .nonces = !rk_rng_chance_ppm(missed, fleet->trial->missed_ppm)};
    memcpy(renewal->r1, recorder->r1, sizeof renewal->r1);
    memcpy(renewal->r2, recorder->r2, sizeof renewal->r2);
}

void rk_recorder_leak(struct rk_node *node, const struct rk_leak *leak)
{
    struct rk_recorder *recorder = node->recorder;
    RK_REQUIRE(recorder->renewals > 0);
    recorder->taken = grown(recorder->taken, recorder->takens, 1, sizeof *recorder->taken);
    struct taken *taken = &recorder->taken[recorder->takens++];
    *taken = (struct taken){.memory = node->device,
                            .server = node->peer.provision,
                            .root_end_ns = leak->root_end_ns,
                            .recorded = leak->recorded,
                            .now = recorder->seen_count,
                            .first_renewal = leak->recorded ? 0 : recorder->renewals,
                            .epoch_first = recorder->renewal[recorder->renewals - 1].first,
                            .session_end = SIZE_MAX};
    size_t oldest = recorder->renewals - 1;
    while (oldest > 0 && recorder->renewal[oldest - 1].activated_ns >= node->epoch.oldest_held_ns) {
        oldest--;
    }
    taken->held_first = recorder->renewal[oldest].first;
}

void rk_recorder_forget(struct rk_node *node)
{
    struct rk_recorder *recorder = node->recorder;
    if (recorder == NULL) {
        return;
    }
    for (size_t i = recorder->takens; i > 0 && recorder->taken[i - 1].session_end == SIZE_MAX; i--) {
        recorder->taken[i - 1].session_end = recorder->seen_count;
    }
}

/* --- trying --- */

/* The adversary is an agent that has what leaked; it opens what the device sent, as the server does. */
static void adversary_make(struct rk_agent *adversary, const struct taken *taken, enum image image,
                           const struct rk_backend *backend)
{
    *adversary = taken->memory;
    adversary->backend = backend;
    adversary->config.role = RK_ROLE_SERVER;
    adversary->traffic_id = 0;
    memset(&adversary->exchange, 0, sizeof adversary->exchange);
    if (image == IMAGE_SERVER) {
        adversary->provision = taken->server;
    } else if (image == IMAGE_SESSION) {
        memset(&adversary->provision, 0, sizeof adversary->provision);
        for (unsigned i = 0; i < 3; i++) {
            if (adversary->key[i].state != RK_STATE_ACTIVE) {
                memset(&adversary->key[i], 0, sizeof adversary->key[i]);
            }
        }
    }
}

static bool any_byte(const uint8_t *in, size_t bytes)
{
    uint8_t any = 0;
    for (size_t i = 0; i < bytes; i++) {
        any |= in[i];
    }
    return any != 0;
}

static const struct rk_key *held(const struct rk_agent *adversary, uint32_t id)
{
    for (unsigned i = 0; i < 3; i++) {
        const struct rk_key *key = &adversary->key[i];
        if (key->id == id && any_byte(key->material, sizeof key->material)) {
            return key;
        }
    }
    return NULL;
}

/* The key of a renewal: from memory, or by the derivation from the key before it and the long-term keys. `known` has the keys
 * of all renewals before. */
static void find_key(const struct rk_recorder *recorder, const struct taken *taken, enum image image,
                     const struct rk_agent *image_agent, size_t which, struct rk_key *known)
{
    const struct renewal *renewal = &recorder->renewal[which];
    struct rk_key *key = &known[which];
    const struct rk_key *had = held(image_agent, renewal->id);
    *key = (struct rk_key){.id = renewal->id, .state = RK_STATE_ACTIVE};
    if (had != NULL) {
        memcpy(key->material, had->material, sizeof key->material);
        return;
    }
    struct rk_agent adversary = *image_agent;
    uint8_t r1[RK_EXCHANGE_MAX_bytes] = {0}, r2[RK_EXCHANGE_MAX_bytes] = {0}, block[2 * RK_KEY_MAX_bytes] = {0};
    bool saw = which >= taken->first_renewal && (renewal->nonces || image != IMAGE_SESSION);
    memcpy(r1, renewal->r1, saw ? sizeof r1 : HEADER_R1_bytes);
    memcpy(r2, renewal->r2, saw ? sizeof r2 : HEADER_R2_bytes);
    memset(adversary.key, 0, sizeof adversary.key);
    uint32_t before = rki_request_predecessor(r1);
    for (size_t i = which; i > 0 && before != 0; i--) {
        if (known[i - 1].id == before) {
            adversary.key[RKI_CURRENT] = known[i - 1];
            break;
        }
    }
    adversary.key[RKI_NEXT].id = renewal->id;
    if (rki_exchange_block(&adversary, adversary.provision.static_key, r1, r2, block) == RK_CRYPTO_OK) {
        memcpy(key->material, block, rki_key_bytes(&adversary));
    }
}

static bool opens(struct rk_agent *adversary, const struct rk_key *key, const struct rk_recorder *recorder,
                  const struct seen *seen)
{
    uint8_t text[RK_TEXT_MAX_bytes];
    uint16_t text_bytes;
    return rki_data_open(adversary, key, recorder->byte + seen->at, seen->bytes, text, &text_bytes) == RK_CRYPTO_OK;
}

/* What bookkeeping says an image opens. */
struct claim {
    size_t from, to; /* frames that are open */
    rk_ns until_ns;  /* frames from then on are not tried */
};

static struct claim claim_of(const struct rk_node *node, const struct taken *taken, enum image image)
{
    const struct rk_adversary *adversary = &node->adversary;
    bool root =
        (image == IMAGE_DEVICE && adversary->capture_is_past) || (image == IMAGE_SERVER && adversary->server_is_past);
    if (root) {
        return (struct claim){.from = taken->recorded ? 0 : taken->now, .to = SIZE_MAX, .until_ns = taken->root_end_ns};
    }
    size_t past = image == IMAGE_SESSION ? taken->epoch_first : taken->held_first;
    return (struct claim){.from = taken->recorded ? past : taken->now, .to = taken->session_end, .until_ns = RK_NEVER};
}

/* out: frames that the image opened. */
static uint64_t try_image(struct rk_node *node, const struct taken *taken, enum image image, struct rk_key *known)
{
    const struct rk_recorder *recorder = node->recorder;
    struct rk_tried *tried = &node->fleet->tally.tried;
    struct rk_agent image_agent, opener;
    struct claim claim = claim_of(node, taken, image);
    uint64_t count = 0;
    adversary_make(&image_agent, taken, image, node->fleet->inner);
    opener = image_agent;
    for (size_t i = 0; i < recorder->renewals; i++) {
        find_key(recorder, taken, image, &image_agent, i, known);
    }
    size_t which = 0;
    for (size_t i = taken->recorded ? 0 : taken->now; i < recorder->seen_count; i++) {
        const struct seen *seen = &recorder->seen[i];
        if (seen->at_ns >= claim.until_ns) {
            break;
        }
        while (which + 1 < recorder->renewals && known[which].id < seen->key_id) {
            which++;
        }
        bool open = opens(&opener, &known[which], recorder, seen);
        tried->apart += open != (i >= claim.from && i < claim.to);
        tried->past += image == IMAGE_DEVICE && i < taken->now;
        tried->past_open += image == IMAGE_DEVICE && i < taken->now && open;
        count += open;
    }
    return count;
}

void rk_recorder_close(struct rk_node *node)
{
    struct rk_recorder *recorder = node->recorder;
    struct rk_tried *tried = &node->fleet->tally.tried;
    if (recorder == NULL) {
        return;
    }
    struct rk_key *known = calloc(recorder->renewals + 1, sizeof *known);
    RK_REQUIRE(known != NULL);
    for (size_t i = 0; i < recorder->takens; i++) {
        tried->session += try_image(node, &recorder->taken[i], IMAGE_SESSION, known);
        tried->capture += try_image(node, &recorder->taken[i], IMAGE_DEVICE, known);
        tried->server += try_image(node, &recorder->taken[i], IMAGE_SERVER, known);
    }
    free(known);
    free(recorder->taken);
    free(recorder->renewal);
    free(recorder->seen);
    free(recorder->byte);
    free(recorder);
    node->recorder = NULL;
}
