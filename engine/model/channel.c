#include "engine/model/channel.h"

#include "engine/model/lora.h"

enum phase { PHASE_ASSESS, PHASE_FRAME, PHASE_ACK };

void rk_channel_init(struct rk_channel *channel, const struct rk_link *link, const struct rk_rng_key *rng,
                     rk_ns horizon_ns, struct rk_burst **burst)
{
    bool lora = link->radio->kind == RK_LINK_LORA;
    *channel = (struct rk_channel){
        .link = link, .lora = lora ? &link->radio->lora : NULL, .rng = rng, .horizon_ns = horizon_ns, .burst = burst};
}

/* --- the medium --- */

static bool sensed(const struct rk_channel *channel, rk_ns now_ns)
{
    for (uint32_t i = 0; i < channel->bursts; i++) {
        const struct rk_burst *burst = channel->burst[i];
        if (burst->start_ns <= now_ns && now_ns < burst->end_ns) {
            return true;
        }
    }
    return false;
}

static rk_ns earlier(rk_ns a, rk_ns b)
{
    return a < b ? a : b;
}

static void overlap(const struct rk_channel *channel, struct rk_burst *a, struct rk_burst *b)
{
    if (channel->lora != NULL) {
        rk_lora_overlap(channel->lora, a, b);
    } else {
        a->hit = b->hit = true;
    }
}

void rki_burst_put(struct rk_channel *channel, struct rk_burst *burst, rk_ns start_ns, rk_ns airtime_ns)
{
    burst->start_ns = start_ns;
    burst->end_ns = start_ns + airtime_ns;
    burst->hit = false;
    if (airtime_ns == 0) {
        return;
    }
    for (uint32_t i = 0; i < channel->bursts; i++) {
        if (channel->burst[i]->end_ns > start_ns) {
            overlap(channel, channel->burst[i], burst);
        }
    }
    channel->burst[channel->bursts++] = burst;
    rk_ns from_ns = earlier(start_ns > channel->busy_until_ns ? start_ns : channel->busy_until_ns, channel->horizon_ns);
    if (burst->end_ns > channel->busy_until_ns) {
        channel->busy_until_ns = burst->end_ns;
        channel->counts.busy_ns += earlier(burst->end_ns, channel->horizon_ns) - from_ns;
    }
}

bool rki_burst_take(struct rk_channel *channel, const struct rk_burst *burst)
{
    if (burst->end_ns == burst->start_ns) {
        return true;
    }
    uint32_t at = 0;
    while (channel->burst[at] != burst) {
        at++;
    }
    channel->burst[at] = channel->burst[--channel->bursts];
    channel->counts.bursts++;
    channel->counts.collisions += burst->hit;
    return !burst->hit;
}

/* --- a sender --- */

static uint64_t block_of(const struct rk_sender *sender)
{
    return rk_attempt_block(sender->sequence, sender->fragment, sender->tries);
}

static void back_off(struct rk_sender *sender, const struct rk_channel *channel, uint32_t slots, rk_ns from_ns)
{
    rk_ns backoff_ns = slots * channel->link->radio->backoff_unit_ns;
    sender->idle_ns += backoff_ns;
    sender->next_ns = from_ns + backoff_ns;
    sender->phase = PHASE_ASSESS;
}

static void attempt_drawn(struct rk_sender *sender, const struct rk_channel *channel, struct rk_attempt drawn,
                          rk_ns from_ns)
{
    sender->attempt = drawn;
    sender->backoffs = 0;
    sender->exponent = (uint8_t)channel->link->radio->backoff_min_exponent;
    back_off(sender, channel, sender->attempt.slots, from_ns);
}

static void attempt(struct rk_sender *sender, const struct rk_channel *channel, rk_ns from_ns)
{
    struct rk_rng_words words = rk_rng_block(channel->rng, sender->device, RK_RNG_LOSS, block_of(sender));
    attempt_drawn(sender, channel, rk_attempt_of(channel->link, &words), from_ns);
}

void rk_sender_start(struct rk_sender *sender, const struct rk_channel *channel, uint32_t device, bool gateway,
                     uint64_t sequence, uint16_t bytes, rk_ns at_ns)
{
    RK_ASSERT(bytes <= channel->link->datagram_max_bytes);
    *sender = (struct rk_sender){.sequence = sequence,
                                 .plan = bytes <= RK_FRAME_MAX_bytes ? channel->link->fragments[bytes]
                                                                     : rk_link_plan(channel->link, bytes),
                                 .device = device,
                                 .gateway = gateway};
    attempt(sender, channel, at_ns);
}

void rk_sender_start_drawn(struct rk_sender *sender, const struct rk_channel *channel, uint32_t device,
                           uint64_t sequence, uint16_t bytes, struct rk_attempt first, rk_ns at_ns)
{
    RK_ASSERT(bytes <= RK_FRAME_MAX_bytes);
    *sender = (struct rk_sender){.sequence = sequence, .plan = channel->link->fragments[bytes], .device = device};
    attempt_drawn(sender, channel, first, at_ns);
}

static rk_ns airtime_ns(const struct rk_sender *sender)
{
    const struct rk_fragments *plan = &sender->plan;
    return sender->fragment + 1u == plan->count ? plan->last_ns
           : sender->fragment == 0              ? plan->first_ns
                                                : plan->middle_ns;
}

static unsigned over(struct rk_sender *sender, rk_ns free_ns)
{
    sender->next_ns = free_ns;
    return RK_AIR_OVER;
}

/* The channel is busy: a longer backoff, or it was the last. */
static unsigned refused(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns)
{
    const struct rk_radio_profile *radio = channel->link->radio;
    rk_ns assessed_ns = now_ns + radio->turnaround_ns;
    if (sender->backoffs == RK_CSMA_BACKOFFS_MAX) {
        channel->counts.refusals++;
        return over(sender, assessed_ns);
    }
    struct rk_rng_words words = rk_rng_block(channel->rng, sender->device, RK_RNG_BACKOFF, block_of(sender));
    sender->exponent += sender->exponent < radio->backoff_max_exponent;
    uint32_t slots = (uint32_t)(((uint64_t)words.word[sender->backoffs++] << sender->exponent) >> 32);
    back_off(sender, channel, slots, assessed_ns);
    return 0;
}

static unsigned assess(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns)
{
    const struct rk_radio_profile *radio = channel->link->radio;
    sender->rx_ns += radio->turnaround_ns;
    bool carrier_sense = radio->backoff_max_exponent > 0;
    bool own_ack = sender->gateway && channel->gateway_until_ns > now_ns;
    if (own_ack || (carrier_sense && sensed(channel, now_ns))) {
        return refused(sender, channel, now_ns);
    }
    rki_burst_put(channel, &sender->burst, now_ns + radio->turnaround_ns, airtime_ns(sender));
    sender->next_ns = sender->burst.end_ns;
    sender->phase = PHASE_FRAME;
    return 0;
}

/* No acknowledgement: once more, or given up. */
static unsigned unanswered(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns)
{
    const struct rk_radio_profile *radio = channel->link->radio;
    rk_ns waited_ns = sender->frame_end_ns + radio->ack_wait_ns;
    waited_ns = waited_ns > now_ns ? waited_ns : now_ns;
    sender->rx_ns += waited_ns - sender->frame_end_ns;
    if (sender->tries == radio->frame_retries) {
        return over(sender, waited_ns);
    }
    sender->tries++;
    attempt(sender, channel, waited_ns);
    return 0;
}

static unsigned frame_ends(struct rk_sender *sender, struct rk_channel *channel, bool hears, rk_ns now_ns)
{
    const struct rk_radio_profile *radio = channel->link->radio;
    unsigned news = 0;
    sender->frame_end_ns = now_ns;
    sender->tx_ns += now_ns - sender->burst.start_ns;
    bool through = rki_burst_take(channel, &sender->burst);
    bool knows = hears || sender->fragment_there;
    if (!through || sender->attempt.frame_lost || !knows) {
        return unanswered(sender, channel, now_ns);
    }
    sender->received++;
    if (!sender->fragment_there && sender->fragment + 1u == sender->plan.count) {
        sender->delivered = true;
        news = RK_AIR_REACHED;
    }
    sender->fragment_there = true;
    rki_burst_put(channel, &sender->burst, now_ns + radio->turnaround_ns, channel->link->ack_ns);
    if (!sender->gateway) {
        channel->gateway_until_ns = sender->burst.end_ns;
    }
    sender->next_ns = sender->burst.end_ns;
    sender->phase = PHASE_ACK;
    return news;
}

static unsigned ack_ends(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns)
{
    bool through = rki_burst_take(channel, &sender->burst);
    if (!through || sender->attempt.ack_lost) {
        return unanswered(sender, channel, now_ns);
    }
    sender->rx_ns += now_ns - sender->frame_end_ns;
    if (sender->fragment + 1u == sender->plan.count) {
        return over(sender, now_ns);
    }
    sender->fragment++;
    sender->tries = 0;
    sender->fragment_there = false;
    attempt(sender, channel, now_ns);
    return 0;
}

unsigned rk_sender_step(struct rk_sender *sender, struct rk_channel *channel, bool hears, rk_ns now_ns)
{
    if (channel->lora != NULL) {
        return rk_lora_step(sender, channel, now_ns);
    }
    switch ((enum phase)sender->phase) {
    case PHASE_ASSESS:
        return assess(sender, channel, now_ns);
    case PHASE_FRAME:
        return frame_ends(sender, channel, hears, now_ns);
    case PHASE_ACK:
        break;
    }
    return ack_ends(sender, channel, now_ns);
}

/* A burst that nothing else can meet, and that is over before anybody looks. */
static void count_alone(struct rk_channel *channel, rk_ns airtime_ns)
{
    channel->counts.busy_ns += airtime_ns;
    channel->counts.bursts += airtime_ns > 0;
}

unsigned rk_sender_alone(struct rk_sender *sender, struct rk_channel *channel, rk_ns before_ns, unsigned *steps,
                         rk_ns *reached_ns)
{
    const struct rk_link *link = channel->link;
    const struct rk_radio_profile *radio = link->radio;
    const rk_ns turn_ns = radio->turnaround_ns, frame_ns = sender->plan.last_ns;
    const rk_ns acked_ns = turn_ns + link->ack_ns;
    const rk_ns longest_ns = acked_ns > radio->ack_wait_ns ? acked_ns : radio->ack_wait_ns;
    unsigned news = 0;
    *steps = 0;
    if (channel->bursts > 0 || sender->phase != PHASE_ASSESS || sender->plan.count != 1) {
        return 0;
    }
    while (sender->next_ns + turn_ns + frame_ns + longest_ns < before_ns) {
        rk_ns end_ns = sender->next_ns + turn_ns + frame_ns, waited_ns = radio->ack_wait_ns;
        sender->tx_ns += frame_ns;
        count_alone(channel, frame_ns);
        *steps += 2;
        if (!sender->attempt.frame_lost) {
            if (!sender->delivered) {
                *reached_ns = end_ns;
                news = RK_AIR_REACHED;
            }
            sender->received++;
            sender->delivered = sender->fragment_there = true;
            count_alone(channel, link->ack_ns);
            ++*steps;
            if (!sender->attempt.ack_lost) {
                sender->rx_ns += turn_ns + acked_ns;
                return news | over(sender, end_ns + acked_ns);
            }
            waited_ns = longest_ns;
        }
        sender->rx_ns += turn_ns + waited_ns;
        if (sender->tries == radio->frame_retries) {
            return news | over(sender, end_ns + waited_ns);
        }
        sender->tries++;
        attempt(sender, channel, end_ns + waited_ns);
    }
    return news;
}
