#include "engine/model/radio.h"

#include "engine/model/radio_internal.h"

static const struct rki_link_kind *const kinds[RK_LINK_KINDS] = {
    [RK_LINK_IEEE802154] = &rki_link_802154, [RK_LINK_BLE] = &rki_link_ble,
    [RK_LINK_LORA] = &rki_link_lora,         [RK_LINK_WIFI] = &rki_link_wifi,
    [RK_LINK_ETHERNET] = &rki_link_ethernet, [RK_LINK_SERIAL] = &rki_link_serial,
};

rk_ns rk_link_airtime_ns(const struct rk_link *link, uint64_t bytes)
{
    uint64_t least = link->radio->frame_min_bytes;
    return link->kind->airtime_ns(link, bytes > least ? bytes : least);
}

/* out: count 0 when it takes too many frames. */
struct rk_fragments rk_link_plan(const struct rk_link *link, uint64_t bytes)
{
    const struct rk_radio_profile *radio = link->radio;
    struct rk_fragments plan = {.count = 1};
    uint64_t headers = radio->adaptation_header_bytes;
    uint64_t mac = radio->mac_overhead_bytes;
    uint64_t capacity = link->frame_max_bytes > mac ? link->frame_max_bytes - mac : 0;
    if (headers + bytes <= capacity) {
        plan.last_bytes = (uint16_t)(mac + headers + bytes);
        plan.last_ns = rk_link_airtime_ns(link, plan.last_bytes);
        return plan;
    }
    uint64_t unit = link->kind->cut_unit;
    uint64_t first_overhead = radio->fragment_first_bytes + headers;
    uint64_t next_overhead = radio->fragment_next_bytes;
    if (first_overhead + unit > capacity || next_overhead + unit > capacity) {
        return (struct rk_fragments){.count = 0};
    }
    uint64_t first = (capacity - first_overhead) / unit * unit;
    uint64_t next = (capacity - next_overhead) / unit * unit;
    uint64_t rest = bytes - first;
    uint64_t middles = (rest - 1) / next;
    if (middles + 2 > link->kind->fragments) {
        return (struct rk_fragments){.count = 0};
    }
    plan.count = (uint8_t)(middles + 2);
    plan.first_bytes = (uint16_t)(mac + first_overhead + first);
    plan.middle_bytes = (uint16_t)(mac + next_overhead + next);
    plan.last_bytes = (uint16_t)(mac + next_overhead + rest - middles * next);
    plan.first_ns = rk_link_airtime_ns(link, plan.first_bytes);
    plan.middle_ns = rk_link_airtime_ns(link, plan.middle_bytes);
    plan.last_ns = rk_link_airtime_ns(link, plan.last_bytes);
    return plan;
}

static enum rk_err check(const struct rk_radio_profile *radio, const struct rk_link_use *use, struct rk_diag *diag)
{
    if (radio->kind >= RK_LINK_KINDS) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: an unknown kind", radio->name);
    }
    if (radio->bit_rate_bps == 0 && radio->kind != RK_LINK_LORA) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: bit rate 0, expected above 0", radio->name);
    }
    if (radio->frame_retries >= RK_ATTEMPTS_MAX || radio->backoff_min_exponent > 16) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: expected at most %d retries and a backoff exponent of at most 16",
                       radio->name, RK_ATTEMPTS_MAX - 1);
    }
    if (use->loss_ppm > 1000000) {
        return rk_fail(diag, RK_ERR_INPUT, "frame loss of %u ppm, expected at most 1000000", use->loss_ppm);
    }
    if (use->listen >= RK_LISTEN_COUNT || (use->listen != RK_LISTEN_ALWAYS && !kinds[radio->kind]->listens)) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "radio %s: its kind listens in its own way, expected listening over IEEE 802.15.4", radio->name);
    }
    if (use->spreading != 0 && radio->kind != RK_LINK_LORA) {
        return rk_fail(diag, RK_ERR_INPUT, "radio %s: a spreading factor, expected a radio of kind lora", radio->name);
    }
    return RK_OK;
}

/* The longest datagram: what fits grows with nothing but its bytes. */
static uint16_t longest_bytes(const struct rk_link *link)
{
    uint16_t fits = RK_FRAME_MAX_bytes, too_long = RK_DATAGRAM_MAX_bytes + 1;
    while (too_long - fits > 1) {
        uint16_t middle = (uint16_t)((fits + too_long) / 2);
        if (rk_link_plan(link, middle).count > 0) {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    return fits;
}

enum rk_err rk_link_init(struct rk_link *link, const struct rk_radio_profile *radio, const struct rk_link_use *use,
                         struct rk_diag *diag)
{
    enum rk_err err = check(radio, use, diag);
    if (err != RK_OK) {
        return err;
    }
    link->radio = radio;
    link->kind = kinds[radio->kind];
    link->use = *use;
    link->loss_below = ((uint64_t)use->loss_ppm << 32) / 1000000;
    link->frame_max_bytes = radio->frame_max_bytes;
    err = link->kind->prepare == NULL ? RK_OK : link->kind->prepare(link, diag);
    if (err != RK_OK) {
        return err;
    }
    link->ack_ns = link->kind->airtime_ns(link, radio->ack_bytes);
    for (uint64_t bytes = 0; bytes <= RK_FRAME_MAX_bytes; bytes++) {
        link->fragments[bytes] = rk_link_plan(link, bytes);
        if (link->fragments[bytes].count == 0) {
            uint64_t mac = radio->mac_overhead_bytes, most = link->frame_max_bytes;
            return rk_fail(diag, RK_ERR_INPUT,
                           "radio %s: a frame of %u bytes does not go into %u fragments of %u bytes", radio->name,
                           (unsigned)bytes, link->kind->fragments, most > mac ? (unsigned)(most - mac) : 0);
        }
    }
    link->datagram_max_bytes = longest_bytes(link);
    return RK_OK;
}

const char *rk_link_message_by_message(const struct rk_link *link)
{
    return link->radio->kind != RK_LINK_IEEE802154 ? "only radios of kind ieee802154 send a run of messages at once"
           : link->use.burst_ns > 0                ? "losses in bursts are of one device's own channel"
           : link->use.listen != RK_LISTEN_ALWAYS  ? "a duty-cycled receiver has a channel of its own"
                                                   : NULL;
}

const char *rk_link_alone(const struct rk_link *link)
{
    const struct rk_radio_profile *radio = link->radio;
    const struct rk_lora_profile *lora = &radio->lora;
    if (radio->kind != RK_LINK_LORA) {
        return radio->kind == RK_LINK_IEEE802154 ? rk_link_message_by_message(link)
                                                 : "only radios of kind ieee802154 and lora share a channel";
    }
    bool complete = lora->channels.value > 0 && lora->gateway_duty_ppm.value > 0 && lora->tries.value > 0;
    return link->use.burst_ns > 0 ? "losses in bursts are of one device's own channel"
           : !complete            ? "a radio without lora.channels, lora.gateway_duty or lora.tries"
                                  : NULL;
}

/* --- losses --- */

/* Does the state of the channel last from the last frame to this one? A new one may be the same. */
static bool in_burst(struct rki_sending *sending, uint64_t block, rk_ns at_ns)
{
    const struct rk_link *link = sending->link;
    struct rk_link_state *state = sending->state;
    unsigned way = sending->datagram->down;
    struct rk_rng_words words = rk_rng_block(sending->rng, sending->datagram->device, RK_RNG_BURST, block);
    uint64_t mean_ns = (uint64_t)((unsigned __int128)link->use.burst_ns * (1000000 - link->use.loss_ppm) / 1000000);
    uint64_t lasts_ns = rk_rng_exponential((uint64_t)words.word[1] << 32 | words.word[0], mean_ns);
    rk_ns since_ns = at_ns > state->drawn_ns[way] ? at_ns - state->drawn_ns[way] : 0;
    if (state->channel[way] == RKI_CHANNEL_UNKNOWN || lasts_ns < since_ns) {
        state->channel[way] = words.word[2] < link->loss_below ? RKI_CHANNEL_BAD : RKI_CHANNEL_GOOD;
    }
    state->drawn_ns[way] = at_ns > state->drawn_ns[way] ? at_ns : state->drawn_ns[way];
    return state->channel[way] == RKI_CHANNEL_BAD;
}

struct rki_fate rki_draw_fate(struct rki_sending *sending, uint64_t block, rk_ns at_ns)
{
    const struct rk_link *link = sending->link;
    struct rki_fate fate = {.words = rk_rng_block(sending->rng, sending->datagram->device, RK_RNG_LOSS, block)};
    if (link->use.burst_ns > 0) {
        fate.frame_lost = fate.ack_lost = in_burst(sending, block, at_ns);
    } else {
        fate.frame_lost = fate.words.word[1] < link->loss_below;
        fate.ack_lost = fate.words.word[2] < link->loss_below;
    }
    return fate;
}

bool rki_next_block(struct rki_sending *sending, uint64_t *block)
{
    *block = sending->datagram->sequence * RKI_FRAMES_MAX + sending->frame;
    return sending->frame++ < RKI_FRAMES_MAX;
}

rk_ns rki_until_wake_ns(const struct rki_sending *sending, rk_ns period_ns, rk_ns from_ns)
{
    rk_ns phase_ns = rk_rng_below(rk_rng_draw(sending->rng, sending->datagram->device, RK_RNG_WAKE, 0), period_ns);
    rk_ns past_ns = (from_ns + period_ns - phase_ns) % period_ns;
    return past_ns == 0 ? 0 : period_ns - past_ns;
}

/* --- sending --- */

void rki_send_fragments(struct rki_sending *sending, const struct rk_fragments *plan,
                        bool (*send_one)(struct rki_sending *sending, rk_ns airtime_ns))
{
    struct rk_transmission *out = sending->out;
    for (unsigned i = 0; i < plan->count; i++) {
        bool last = i + 1u == plan->count;
        if (!send_one(sending, rki_fragment_ns(plan, i))) {
            out->delivered = out->delivered && last;
            return;
        }
    }
}

void rk_link_send(const struct rk_link *link, const struct rk_rng_key *rng, struct rk_link_state *state,
                  const struct rk_datagram *datagram, struct rk_transmission *out)
{
    RK_ASSERT(datagram->bytes <= link->datagram_max_bytes);
    *out = (struct rk_transmission){.duration_ns = 0};
    struct rki_sending sending = {
        .link = link, .rng = rng, .state = state, .datagram = datagram, .out = out, .now_ns = datagram->at_ns};
    if (datagram->bytes <= RK_FRAME_MAX_bytes) {
        link->kind->send(&sending, &link->fragments[datagram->bytes]);
    } else {
        const struct rk_fragments plan = rk_link_plan(link, datagram->bytes);
        link->kind->send(&sending, &plan);
    }
}

struct rk_effort rk_link_wait(const struct rk_link *link, rk_ns span_ns)
{
    return link->kind->wait != NULL ? link->kind->wait(link, span_ns) : (struct rk_effort){.rx_ns = span_ns};
}

struct rk_effort rk_link_background(const struct rk_link *link, rk_ns span_ns)
{
    return link->kind->background != NULL ? link->kind->background(link, span_ns) : (struct rk_effort){.rx_ns = 0};
}
