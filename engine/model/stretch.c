#include "engine/model/stretch.h"

#include "engine/lifecycle/bulk.h"
#include "engine/model/lifetime.h"
#include "engine/model/node_internal.h"
#include "engine/model/stretch_internal.h"

#define GAP_MAX_ns (1ull << 56) /* two years: the sum of a block of gaps does not wrap */

/* What a stretch adds up to. */
struct sums {
    uint64_t messages, delivered, lost;
    rk_ns tx_ns, rx_ns, idle_ns, duration_ns;
    uint64_t last_delivered; /* number of the message */
    rk_ns arrival_ns;        /* its */
    rk_ns sent_ns;           /* when the last message's step began */
    rk_ns free_ns;           /* and when it was over */
};

/* A stretch under way. */
struct run {
    struct rk_node *node;
    struct rk_fleet *fleet;
    const struct rk_stretch *stretch;
    rk_ns end_ns;  /* messages begin before it */
    uint64_t most; /* and are no more than so many */
    struct sums sums;
};

/* --- kernels --- */

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif

/* In the order of their speed. */
static const struct {
    const char *name;
    const struct rki_kernel *kernel;
    bool (*present)(void);
} kernels[RK_KERNEL_COUNT] = {
    [RK_KERNEL_AUTO] = {"auto", NULL, always},
    [RK_KERNEL_SCALAR] = {"scalar", &rki_kernel_scalar, always},
#if defined(__x86_64__)
    [RK_KERNEL_SSE2] = {"sse2", &rki_kernel_sse2, always},
    [RK_KERNEL_AVX2] = {"avx2", &rki_kernel_avx2, has_avx2},
    [RK_KERNEL_AVX512] = {"avx512", &rki_kernel_avx512, has_avx512},
    [RK_KERNEL_NEON] = {.name = "neon"},
#else
    [RK_KERNEL_SSE2] = {.name = "sse2"},
    [RK_KERNEL_AVX2] = {.name = "avx2"},
    [RK_KERNEL_AVX512] = {.name = "avx512"},
#if defined(__aarch64__)
    [RK_KERNEL_NEON] = {"neon", &rki_kernel_neon, always},
#else
    [RK_KERNEL_NEON] = {.name = "neon"},
#endif
#endif
};

const char *rk_kernel_name(unsigned kernel)
{
    return kernel < RK_KERNEL_COUNT ? kernels[kernel].name : NULL;
}

bool rk_kernel_present(unsigned kernel)
{
    return kernel < RK_KERNEL_COUNT && kernels[kernel].present != NULL && kernels[kernel].present();
}

static const struct rki_kernel *kernel_take(unsigned wanted)
{
    for (unsigned kernel = RK_KERNEL_COUNT; wanted == RK_KERNEL_AUTO && kernel-- > RK_KERNEL_SCALAR;) {
        wanted = rk_kernel_present(kernel) ? kernel : RK_KERNEL_AUTO;
    }
    RK_REQUIRE(rk_kernel_present(wanted));
    return kernels[wanted].kernel;
}

/* --- what a trial's messages have in common --- */

/* The longest that a frame can take, from its first backoff to giving up its last fragment. */
static rk_ns longest_ns(const struct rk_link *link, const struct rk_fragments *plan)
{
    const struct rk_radio_profile *radio = link->radio;
    rk_ns backoff_ns = ((1ull << radio->backoff_min_exponent) - 1) * radio->backoff_unit_ns;
    rk_ns answer_ns = radio->turnaround_ns + link->ack_ns;
    answer_ns = answer_ns > radio->ack_wait_ns ? answer_ns : radio->ack_wait_ns;
    rk_ns airtime_ns = plan->first_ns > plan->last_ns ? plan->first_ns : plan->last_ns;
    airtime_ns = airtime_ns > plan->middle_ns ? airtime_ns : plan->middle_ns;
    return plan->count * (radio->frame_retries + 1ull) * (backoff_ns + radio->turnaround_ns + airtime_ns + answer_ns);
}

void rk_stretch_init(struct rk_stretch *stretch, struct rk_fleet *fleet)
{
    const struct rk_trial *trial = fleet->trial;
    const struct rk_radio_profile *radio = trial->radio;
    enum rk_operation seal = rk_operation_seal(trial->aead, trial->tag_bytes);
    const struct rk_cost *price = rk_costs_find(&fleet->costs, seal, trial->message_bytes);
    if (trial->execution != RK_EXECUTION_MODELLED || price == NULL || rk_defer_hears_losses(trial) ||
        rk_link_message_by_message(&fleet->link) != NULL || trial->traffic.model == RK_TRAFFIC_TRACE) {
        return; /* a trace's messages have sizes of their own */
    }
    stretch->possible = true;
    stretch->price = *price;
    stretch->step_ns = rk_cycles_ns(price->cycles, trial->device->clock_Hz);
    stretch->frame_bytes =
        (uint16_t)(rk_bulk_frame_bytes(trial->message_bytes, trial->tag_bytes) + fleet->play.record_extra_bytes);
    const struct rk_fragments *plan = &fleet->link.fragments[stretch->frame_bytes];
    stretch->airtime_ns = plan->last_ns;
    stretch->busy_ns = stretch->step_ns + radio->startup_ns + longest_ns(&fleet->link, plan);
    bool common = trial->traffic.model == RK_TRAFFIC_PERIODIC && plan->count == 1 &&
                  trial->message_period_ns < GAP_MAX_ns && (1u << radio->backoff_min_exponent) <= RK_LANES_SLOTS &&
                  radio->frame_retries < RK_LANES_ATTEMPTS && fleet->traffic.shortest_ns >= stretch->busy_ns;
    stretch->kernel = common ? kernel_take(trial->kernel) : NULL;
}

/* out: from the beginning of a message's step to its delivery. */
static rk_ns delay_ns(const struct rk_fleet *fleet, rk_ns delivered_ns)
{
    return fleet->stretch.step_ns + fleet->trial->radio->startup_ns + delivered_ns + fleet->trial->network_delay_ns;
}

struct rk_transmission rk_stretch_times(const struct rk_fleet *fleet, const struct rk_link_counts *counts)
{
    const struct rk_radio_profile *radio = fleet->trial->radio;
    rk_ns turn_ns = radio->turnaround_ns, ack_ns = fleet->link.ack_ns, airtime_ns = fleet->stretch.airtime_ns;
    rk_ns backoff_ns = counts->slots * radio->backoff_unit_ns;
    uint64_t unheard = counts->attempts - counts->acknowledged;
    return (struct rk_transmission){
        .idle_ns = backoff_ns,
        .tx_ns = counts->attempts * airtime_ns,
        .rx_ns = counts->acknowledged * (2 * turn_ns + ack_ns) + unheard * (turn_ns + radio->ack_wait_ns),
        .duration_ns = backoff_ns + counts->attempts * (turn_ns + airtime_ns) +
                       counts->acknowledged * (turn_ns + ack_ns) + unheard * radio->ack_wait_ns,
    };
}

void rk_stretch_close(struct rk_fleet *fleet)
{
    if (fleet->trial->lifetime && fleet->stretch.kernel != NULL) {
        rk_lifetime_close(fleet);
    }
    const struct rk_radio_profile *radio = fleet->trial->radio;
    const struct rk_stretch *stretch = &fleet->stretch;
    for (unsigned attempt = 0; attempt < RK_LANES_ATTEMPTS; attempt++) {
        rk_ns sending_ns = (attempt + 1) * (radio->turnaround_ns + stretch->airtime_ns) + attempt * radio->ack_wait_ns;
        for (unsigned slots = 0; slots < RK_LANES_ATTEMPTS * RK_LANES_SLOTS; slots++) {
            rk_histogram_add(&fleet->tally.delay_ns, delay_ns(fleet, sending_ns + slots * radio->backoff_unit_ns),
                             stretch->reached[attempt][slots]);
        }
    }
}

/* --- message by message --- */

static void send_one(struct run *run, uint64_t number, rk_ns start_ns, struct rk_transmission *sent)
{
    const struct rk_fleet *fleet = run->fleet;
    const struct rk_datagram datagram = {
        .sequence = rk_sequence_data(number), .device = run->node->index, .bytes = run->stretch->frame_bytes};
    rk_link_send(&fleet->link, &fleet->rng, &run->node->link, &datagram, sent);
    run->sums.sent_ns = start_ns;
    run->sums.free_ns = start_ns + run->stretch->step_ns + fleet->trial->radio->startup_ns + sent->duration_ns;
}

static void add_times(struct sums *sums, const struct rk_transmission *sent)
{
    sums->tx_ns += sent->tx_ns;
    sums->rx_ns += sent->rx_ns;
    sums->idle_ns += sent->idle_ns;
    sums->duration_ns += sent->duration_ns;
}

static void one_by_one(struct run *run)
{
    struct rk_node *node = run->node;
    struct rk_fleet *fleet = run->fleet;
    struct sums *sums = &run->sums;
    rk_ns start_ns = node->due_ns[RK_NODE_MESSAGE];
    while (sums->messages < run->most && start_ns < run->end_ns) {
        struct rk_transmission sent;
        send_one(run, node->message, start_ns, &sent);
        sums->messages++;
        add_times(sums, &sent);
        sums->lost += !sent.delivered;
        if (sent.delivered) {
            sums->delivered++;
            sums->last_delivered = node->message;
            sums->arrival_ns = start_ns + delay_ns(fleet, sent.delivered_ns);
            rk_histogram_add(&fleet->tally.delay_ns, sums->arrival_ns - node->sampled_ns, 1);
        }
        node->message++;
        node->sampled_ns =
            rk_traffic_next_ns(&fleet->traffic, &node->gaps, &fleet->rng, node->index, node->message, node->sampled_ns);
        start_ns = node->sampled_ns > sums->free_ns ? node->sampled_ns : sums->free_ns;
    }
}

/* --- several abreast --- */

struct counts {
    struct rk_link_counts link;
    uint64_t lost;
};

/* Samples being drawn. */
struct sampling {
    uint64_t number; /* of the next message */
    uint64_t last;   /* the first number that is too much */
    rk_ns at_ns;     /* when the next one is sampled */
    rk_ns before_ns; /* and the one before it */
    rk_ns end_ns;
};

/* Blocks of a kernel's call agree in the upper half of their numbers. */
static uint32_t chunk_of(uint64_t message, uint64_t left)
{
    const uint64_t unit = (1ull << 32) / RKI_STRIDE;
    uint64_t most = unit - message % unit;
    most = most < RKI_CHUNK ? most : RKI_CHUNK;
    return (uint32_t)(left < most ? left : most);
}

/* Repeats what was not acknowledged until it is, or is given up. out: how many were never received, and which. */
static uint32_t repeat(const struct run *run, const struct rki_draws *draws, uint64_t message, uint32_t open,
                       uint64_t entry[RKI_CHUNK + RKI_SPARE], struct counts *counts)
{
    struct rk_stretch *stretch = &run->fleet->stretch;
    struct rki_again again;
    for (unsigned attempt = 1; attempt <= run->fleet->trial->radio->frame_retries && open > 0; attempt++) {
        uint32_t left = stretch->kernel->again(draws, message, attempt, open, entry, &again);
        counts->link.attempts += open;
        counts->link.acknowledged += open - left;
        counts->link.slots += again.waited;
        for (uint32_t i = 0; i < open; i++) {
            uint64_t slots = (again.arrival[i] & RKI_SLOTS) >> RKI_SLOTS_shift;
            stretch->reached[attempt][slots] += again.arrival[i] / RKI_REACHED;
        }
        open = left;
    }
    uint32_t lost = 0;
    for (uint32_t i = 0; i < open; i++) {
        if ((entry[i] & RKI_REACHED) == 0) {
            entry[lost++] = entry[i];
        }
    }
    return lost;
}

/* Messages that are free to begin when they are sampled. out: number of the last one delivered is in *delivered, where
 * there is one; counts of all. */
static struct counts chunk(struct run *run, const struct rki_draws *draws, uint64_t message, uint32_t count)
{
    struct rk_stretch *stretch = &run->fleet->stretch;
    struct rki_first first;
    uint32_t open = stretch->kernel->first(draws, message, count, &first);
    struct counts counts = {.link = {.attempts = count, .acknowledged = count - open, .slots = first.waited}};
    for (unsigned slots = 0; slots < RK_LANES_SLOTS; slots++) {
        stretch->reached[0][slots] += first.reached[slots];
    }
    uint32_t lost = repeat(run, draws, message, open, first.entry, &counts);
    counts.lost = lost;
    uint32_t last = count;
    while (lost > 0 && (first.entry[lost - 1] & RKI_AT) == last - 1) {
        last--;
        lost--;
    }
    if (last > 0) {
        run->sums.last_delivered = message + last - 1;
    }
    run->sums.delivered += count - counts.lost;
    return counts;
}

/* A sample more. */
static void step(struct sampling *sampling, rk_ns gap_ns)
{
    sampling->number++;
    sampling->before_ns = sampling->at_ns;
    sampling->at_ns += gap_ns;
}

/* The gaps of a call: all of them, the blocks that fit, and what fits of the next one, sample by sample. in: how many of the
 * first block were taken before; their sum. */
static void take_gaps(struct sampling *sampling, const struct rki_gaps *gaps, rk_ns sum_ns)
{
    unsigned taken = (unsigned)((sampling->number + 1) % 4), block = 0;
    if (taken == 0 && sampling->last - sampling->number >= RKI_GAPS && sampling->at_ns + sum_ns < sampling->end_ns) {
        sampling->number += RKI_GAPS;
        sampling->at_ns += sum_ns;
        sampling->before_ns = sampling->at_ns - gaps->gap_ns[3][RKI_BLOCKS - 1];
        return;
    }
    for (; block < RKI_BLOCKS; block++, taken = 0) {
        bool fits = taken == 0 && sampling->last - sampling->number >= 4 &&
                    sampling->at_ns + gaps->block_ns[block] < sampling->end_ns;
        if (fits) {
            sampling->number += 4;
            sampling->at_ns += gaps->block_ns[block];
            sampling->before_ns = sampling->at_ns - gaps->gap_ns[3][block];
        }
        for (; !fits && taken < 4; taken++) {
            if (sampling->number == sampling->last || sampling->at_ns >= sampling->end_ns) {
                return;
            }
            step(sampling, gaps->gap_ns[taken][block]);
        }
    }
}

/* Samples before the end: advances node->message and node->sampled_ns to the first one that is not. The last sample's
 * time goes to sums.sent_ns. */
static void sample(struct run *run, const struct rki_draws *draws)
{
    struct rk_node *node = run->node;
    const struct rk_traffic *traffic = &run->fleet->traffic;
    struct sampling sampling = {.number = node->message,
                                .last = node->message + run->most,
                                .at_ns = node->sampled_ns,
                                .before_ns = node->sampled_ns,
                                .end_ns = run->end_ns};
    if (traffic->spread_ns == 0) {
        uint64_t fit = (run->end_ns - sampling.at_ns - 1) / traffic->shortest_ns + 1;
        fit = fit < run->most ? fit : run->most;
        sampling.number += fit;
        sampling.at_ns += fit * traffic->shortest_ns;
        sampling.before_ns = sampling.at_ns - traffic->shortest_ns;
    }
    while (traffic->spread_ns > 0 && sampling.number < sampling.last && sampling.at_ns < run->end_ns) {
        struct rki_gaps gaps;
        uint64_t block = (sampling.number + 1) / 4;
        if (block >> 32 == (block + RKI_BLOCKS - 1) >> 32) {
            rk_ns sum_ns =
                run->stretch->kernel->gaps(draws, block, traffic->shortest_ns, traffic->spread_ns + 1, &gaps);
            take_gaps(&sampling, &gaps, sum_ns);
        } else {
            step(&sampling,
                 rk_traffic_gap_ns(traffic, &node->gaps, &run->fleet->rng, node->index, sampling.number + 1));
        }
    }
    run->sums.messages = sampling.number - node->message;
    run->sums.sent_ns = sampling.before_ns;
    node->message = sampling.number;
    node->sampled_ns = sampling.at_ns;
}

/* When the message was sampled, which is at or before the last one. */
static rk_ns sampled_ns(struct run *run, uint64_t number)
{
    struct rk_node *node = run->node;
    rk_ns at_ns = run->sums.sent_ns;
    for (uint64_t later = node->message - 1; later > number; later--) {
        at_ns -= rk_traffic_gap_ns(&run->fleet->traffic, &node->gaps, &run->fleet->rng, node->index, later);
    }
    return at_ns;
}

static void abreast(struct run *run)
{
    struct rk_node *node = run->node;
    struct rk_fleet *fleet = run->fleet;
    struct rki_draws draws = {
        .device = node->index,
        .loss_below = fleet->link.loss_below,
        .exponent = fleet->trial->radio->backoff_min_exponent,
    };
    for (uint32_t round = 0; round < RKI_ROUNDS; round++) {
        draws.round_key[round][0] = (uint32_t)(fleet->rng.philox.v[0] + round * PHILOX_W32_0);
        draws.round_key[round][1] = (uint32_t)(fleet->rng.philox.v[1] + round * PHILOX_W32_1);
    }
    uint64_t first = node->message;
    struct rk_transmission sent;
    sample(run, &draws);
    for (uint64_t number = first; number < node->message;) {
        uint32_t count = chunk_of(number, node->message - number);
        struct counts counts = chunk(run, &draws, number, count);
        number += count;
        struct rk_transmission times = rk_stretch_times(fleet, &counts.link);
        add_times(&run->sums, &times);
        run->sums.lost += counts.lost;
    }
    rk_ns last_ns = run->sums.sent_ns;
    if (run->sums.delivered > 0) {
        rk_ns start_ns = sampled_ns(run, run->sums.last_delivered);
        send_one(run, run->sums.last_delivered, start_ns, &sent);
        run->sums.arrival_ns = start_ns + delay_ns(fleet, sent.delivered_ns);
    }
    if (run->sums.delivered == 0 || run->sums.last_delivered != node->message - 1) {
        send_one(run, node->message - 1, last_ns, &sent);
    }
}

/* --- in closed form --- */

/* The last message is sent as it would be in the exact mode; of the others the one before was received. Where renewals are
 * spared (engine/model/spare.h) the last one is as the others, and was received. */
static void closed_form(struct run *run)
{
    struct rk_node *node = run->node;
    struct sums *sums = &run->sums;
    rk_ns last_ns;
    sums->messages = rk_lifetime_sample(node, run->end_ns, run->most, &last_ns);
    if (run->fleet->spare != NULL) {
        node->closed_form += sums->messages;
        sums->last_delivered = node->message - 1;
        sums->sent_ns = last_ns;
        sums->arrival_ns = sums->free_ns = last_ns + run->stretch->busy_ns;
        return;
    }
    node->closed_form += sums->messages - 1;
    struct rk_transmission sent;
    send_one(run, node->message - 1, last_ns, &sent);
    add_times(sums, &sent);
    sums->delivered = sent.delivered;
    sums->lost = !sent.delivered;
    sums->last_delivered = sent.delivered || sums->messages == 1 ? node->message - 1 : node->message - 2;
    sums->arrival_ns = last_ns;
    if (sent.delivered) {
        rk_ns took_ns = delay_ns(run->fleet, sent.delivered_ns);
        sums->arrival_ns += took_ns;
        rk_histogram_add(&run->fleet->tally.delay_ns, took_ns, 1);
    }
}

/* --- the stretch as a whole --- */

/* out: whether the next message is one of those that change nothing else. */
static bool plain(const struct rk_node *node)
{
    return node->fleet->stretch.possible && !node->listening && node->due_ns[RK_NODE_MESSAGE] >= node->free_ns &&
           !node->peer_wants_entropy && node->up.count == 0 && node->served.count == 0 && node->down.count == 0 &&
           rk_fault_calm(&node->fault) && node->due_ns[RK_NODE_TIMER] == node->device.wake_ns &&
           node->due_ns[RK_NODE_PEER_TIMER] == node->peer.wake_ns;
}

static void settle(struct run *run, uint32_t counter)
{
    struct rk_node *node = run->node;
    struct rk_tally *tally = &run->fleet->tally;
    const struct rk_stretch *stretch = run->stretch;
    const struct sums *sums = &run->sums;
    struct rk_ledger *ledger = &node->ledger;
    rk_ns startup_ns = sums->messages * run->fleet->trial->radio->startup_ns;

    rk_bulk_sent(&node->device, (uint32_t)sums->messages, sums->sent_ns);
    if (sums->messages > sums->lost) {
        uint64_t later = node->message - 1 - sums->last_delivered;
        rk_bulk_received(&node->peer, counter + (uint32_t)(sums->messages - 1 - later), sums->arrival_ns);
    }
    ledger->cycles[RK_PHASE_DATA] += sums->messages * stretch->price.cycles;
    ledger->cycles_low[RK_PHASE_DATA] += sums->messages * stretch->price.cycles_low;
    ledger->cycles_high[RK_PHASE_DATA] += sums->messages * stretch->price.cycles_high;
    ledger->engine_ns[RK_PHASE_DATA] += sums->messages * stretch->price.engine_ns;
    ledger->radio_tx_ns[RK_PHASE_DATA] += sums->tx_ns;
    ledger->radio_rx_ns[RK_PHASE_DATA] += sums->rx_ns;
    ledger->radio_idle_ns[RK_PHASE_DATA] += sums->idle_ns + startup_ns;
    ledger->cpu_idle_ns[RK_PHASE_DATA] += sums->duration_ns + startup_ns;
    node->epoch.messages += sums->messages;
    node->free_ns = sums->free_ns;
    rki_set_due(node, RK_NODE_MESSAGE, node->sampled_ns > node->free_ns ? node->sampled_ns : node->free_ns);
    tally->messages += sums->messages;
    tally->messages_lost += sums->lost;
    tally->lifecycle_calls += sums->messages + sums->delivered;
    if (run->fleet->trial->lifetime) {
        tally->calls_spared += sums->messages + sums->delivered;
    }
}

uint64_t rk_stretch_run(struct rk_node *node, rk_ns limit_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_stretch *stretch = &fleet->stretch;
    if (!plain(node)) {
        return 0;
    }
    struct rk_bulk sends = rk_bulk_sends(&node->device);
    struct rk_bulk receives = rk_bulk_receives(&node->peer, &node->device);
    limit_ns = limit_ns < sends.before_ns ? limit_ns : sends.before_ns;
    limit_ns = limit_ns < receives.before_ns ? limit_ns : receives.before_ns;
    rk_ns over_ns = stretch->busy_ns + fleet->trial->network_delay_ns;
    rk_ns start_ns = node->due_ns[RK_NODE_MESSAGE];
    struct run run = {
        .node = node,
        .fleet = fleet,
        .stretch = stretch,
        .end_ns = limit_ns > over_ns ? limit_ns - over_ns : 0,
        .most = sends.messages < receives.messages ? sends.messages : receives.messages,
    };
    if (run.most == 0 || start_ns >= run.end_ns) {
        return 0;
    }
    uint32_t counter = rk_agent_active(&node->device)->protected_messages;
    if (stretch->kernel != NULL && start_ns == node->sampled_ns) {
        if (fleet->trial->lifetime) {
            closed_form(&run);
        } else {
            abreast(&run);
        }
    } else {
        bool late = fleet->trial->lifetime && stretch->kernel != NULL; /* it has waited; the next one will not have */
        run.most = late ? 1 : run.most;
        one_by_one(&run);
    }
    settle(&run, counter);
    return run.sums.messages + run.sums.delivered;
}
