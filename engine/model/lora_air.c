/* Uplinks of a LoRaWAN cell. */
#include "engine/model/lora.h"
#include "engine/model/radio_internal.h"

enum phase { PHASE_WAIT, PHASE_FRAME, PHASE_WINDOWS };

void rk_lora_overlap(const struct rk_lora_profile *lora, struct rk_burst *a, struct rk_burst *b)
{
    uint64_t capture_mdB = lora->capture_mdB.value;
    if (a->down || b->down) { /* the gateway does not hear what arrives while it sends */
        a->hit |= !a->down;
        b->hit |= !b->down;
    } else if (a->lane == b->lane) {
        a->hit |= capture_mdB == 0 || a->power_mdB < b->power_mdB + capture_mdB;
        b->hit |= capture_mdB == 0 || b->power_mdB < a->power_mdB + capture_mdB;
    }
}

/* The same for all frames of a device. */
static uint32_t power_mdB(const struct rk_channel *channel, const struct rk_lora_uplink *uplink)
{
    uint64_t spread_mdB = uplink->link->use.power_spread_mdB;
    return spread_mdB == 0
               ? 0
               : (uint32_t)rk_rng_below(rk_rng_draw(channel->rng, uplink->device, RK_RNG_POWER, 0), spread_mdB + 1);
}

/* The next frame, no earlier than at_ns; while the duty cycle forbids it, the radio sleeps. */
static void wait_until(struct rk_sender *sender, rk_ns at_ns)
{
    rk_ns clear_ns = sender->state->clear_ns;
    if (clear_ns > at_ns) {
        sender->idle_ns += sender->link->radio->startup_ns;
    }
    sender->next_ns = clear_ns > at_ns ? clear_ns : at_ns;
    sender->phase = PHASE_WAIT;
}

void rk_lora_start(struct rk_sender *sender, const struct rk_channel *channel, const struct rk_lora_uplink *uplink)
{
    const struct rk_link *link = uplink->link;
    *sender = (struct rk_sender){.sequence = uplink->sequence,
                                 .link = link,
                                 .state = uplink->state,
                                 .device = uplink->device,
                                 .frame = uplink->frame,
                                 .confirmed = uplink->confirmed};
    sender->burst.power_mdB = power_mdB(channel, uplink);
    if (uplink->empty) {
        sender->plan = (struct rk_fragments){.count = 1, .last_bytes = RK_LORA_EMPTY_bytes};
        sender->plan.last_ns = rk_link_airtime_ns(link, RK_LORA_EMPTY_bytes);
    } else {
        sender->plan =
            uplink->bytes <= RK_FRAME_MAX_bytes ? link->fragments[uplink->bytes] : rk_link_plan(link, uplink->bytes);
    }
    wait_until(sender, uplink->at_ns);
}

static unsigned over(struct rk_sender *sender, rk_ns now_ns)
{
    sender->next_ns = now_ns;
    return RK_AIR_OVER;
}

static struct rk_rng_words draw(const struct rk_sender *sender, const struct rk_channel *channel, uint16_t purpose)
{
    return rk_rng_block(channel->rng, sender->device, purpose, sender->sequence * RKI_FRAMES_MAX + sender->frame);
}

static unsigned begin(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns)
{
    if (sender->state->clear_ns > now_ns) { /* something for it began in its windows meanwhile */
        sender->next_ns = sender->state->clear_ns;
        return 0;
    }
    if (sender->frame == RKI_FRAMES_MAX) {
        return over(sender, now_ns);
    }
    struct rk_rng_words words = draw(sender, channel, RK_RNG_LOSS);
    sender->frame++;
    sender->attempt = rk_attempt_of(channel->link, &words);
    sender->acked = false;
    uint64_t lane = (words.word[0] * channel->lora->channels.value) >> 32;
    sender->burst.lane = (uint8_t)(lane << 4 | rk_lora_spreading(sender->link));
    rki_burst_put(channel, &sender->burst, now_ns, rki_fragment_ns(&sender->plan, sender->fragment));
    sender->next_ns = sender->burst.end_ns;
    sender->phase = PHASE_FRAME;
    return 0;
}

/* This fragment is done with. */
static unsigned go_on(struct rk_sender *sender, rk_ns now_ns)
{
    if (sender->fragment + 1u == sender->plan.count) {
        return over(sender, now_ns);
    }
    sender->fragment++;
    sender->tries = 0;
    sender->fragment_there = false;
    wait_until(sender, now_ns);
    return 0;
}

static unsigned ended(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns)
{
    const struct rk_link *link = sender->link;
    const struct rk_lora_profile *lora = channel->lora;
    unsigned news = RK_AIR_ENDED;
    rk_ns airtime_ns = now_ns - sender->burst.start_ns;
    bool through = rki_burst_take(channel, &sender->burst);
    sender->heard = through && !sender->attempt.frame_lost;
    sender->tx_ns += airtime_ns;
    sender->rx_ns += rk_lora_window_ns(link, rk_lora_spreading(link)) + rk_lora_window_ns(link, lora->rx2_spreading);
    rk_lora_uplink_ended(link, sender->state, airtime_ns, now_ns);
    if (sender->heard) {
        sender->arrived += !sender->fragment_there;
        sender->fragment_there = true;
        if (!sender->delivered && sender->arrived == sender->plan.count) {
            sender->delivered = true;
            news |= RK_AIR_REACHED;
        }
    }
    if (!sender->confirmed) {
        return news | go_on(sender, now_ns);
    }
    sender->next_ns = now_ns + lora->rx1_delay_ns + RK_S + rk_lora_window_ns(link, lora->rx2_spreading);
    sender->phase = PHASE_WINDOWS;
    return news;
}

/* An acknowledgement has come, or nothing has. */
static unsigned windows_end(struct rk_sender *sender, const struct rk_channel *channel, rk_ns now_ns)
{
    const struct rk_lora_profile *lora = channel->lora;
    if (sender->acked) {
        return go_on(sender, now_ns);
    }
    if (++sender->tries == lora->tries.value) {
        return over(sender, now_ns);
    }
    struct rk_rng_words words = draw(sender, channel, RK_RNG_BACKOFF);
    rk_ns random_ns = rk_rng_below((uint64_t)words.word[1] << 32 | words.word[0], 2 * RK_S + 1);
    rk_ns at_ns = sender->state->uplink_ns + lora->rx1_delay_ns + lora->ack_timeout_ns.value + random_ns;
    wait_until(sender, at_ns > now_ns ? at_ns : now_ns);
    return 0;
}

unsigned rk_lora_step(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns)
{
    switch ((enum phase)sender->phase) {
    case PHASE_WAIT:
        return begin(sender, channel, now_ns);
    case PHASE_FRAME:
        return ended(sender, channel, now_ns);
    case PHASE_WINDOWS:
        break;
    }
    return windows_end(sender, channel, now_ns);
}

bool rk_lora_receives(struct rk_sender *sender, rk_ns end_ns)
{
    if (sender->phase != PHASE_WINDOWS || sender->next_ns >= end_ns) {
        return false;
    }
    sender->next_ns = end_ns;
    return true;
}

bool rk_lora_acked(struct rk_sender *sender, rk_ns now_ns)
{
    if (sender->phase != PHASE_WINDOWS) {
        return false;
    }
    sender->acked = true;
    sender->next_ns = now_ns;
    return true;
}
