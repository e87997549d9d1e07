#include "engine/model/lifetime.h"

#include <math.h>

enum { WORDS = 16, JUMP_GAPS = 12, NORMAL_VARIANCE = 100 };

#define AT_CLOSE (1ull << 62)
#define TWO_32   4294967296.0

/* Numbers of one device, in turn. */
struct source {
    const struct rk_rng_key *key;
    uint32_t device;
    uint64_t block;
};

static uint64_t word64(struct source *source)
{
    return rk_rng_draw(source->key, source->device, RK_RNG_LIFETIME, source->block++);
}

/* Mean 0, variance 1: 16 uniform words of 16 bits. Never beyond 6.93. */
static double normal(struct source *source)
{
    uint32_t sum = 0;
    for (unsigned block = 0; block < 2; block++) {
        struct rk_rng_words words = rk_rng_block(source->key, source->device, RK_RNG_LIFETIME, source->block++);
        for (unsigned i = 0; i < 4; i++) {
            sum += (words.word[i] & 0xffff) + (words.word[i] >> 16);
        }
    }
    return ((double)sum - WORDS * 65535.0 / 2) / (65536.0 * sqrt(WORDS / 12.0));
}

/* Successes of n tries that are won with probability p, by the distances between them. */
static uint64_t count_wins(struct source *source, uint64_t n, double p)
{
    if (p <= 0.0) {
        return 0;
    }
    const double rate = -log1p(-p);
    uint64_t wins = 0;
    for (double at = 0;; wins++) {
        at += 1.0 + floor((double)rk_rng_neg_log_q58(word64(source)) * 0x1p-58 / rate);
        if (at > (double)n) {
            return wins;
        }
    }
}

static uint64_t binomial(struct source *source, uint64_t n, double p)
{
    if (p >= 1.0 || n == 0) {
        return n;
    }
    if (p > 0.5) {
        return n - binomial(source, n, 1.0 - p);
    }
    double mean = (double)n * p, variance = mean * (1.0 - p);
    if (variance < NORMAL_VARIANCE) {
        return count_wins(source, n, p);
    }
    double drawn = floor(mean + sqrt(variance) * normal(source) + 0.5);
    return drawn <= 0.0 ? 0 : drawn >= (double)n ? n : (uint64_t)drawn;
}

/* Sum of n uniform numbers 0 .. slots - 1. */
static uint64_t slots_sum(struct source *source, uint64_t n, unsigned slots)
{
    if (n < WORDS) {
        uint64_t sum = 0;
        for (uint64_t i = 0; i < n; i++) {
            sum += rk_rng_below(word64(source), slots);
        }
        return sum;
    }
    double mean = (double)n * (slots - 1) / 2;
    double drawn = mean + sqrt((double)n * ((double)slots * slots - 1) / 12) * normal(source);
    return drawn <= 0.0 ? 0 : (uint64_t)(drawn + 0.5);
}

/* --- samples --- */

/* Gaps that can be jumped over for sure: the normal is bounded. */
static uint64_t jump_gaps(const struct rk_traffic *traffic, rk_ns left_ns, uint64_t most)
{
    const double mean_ns = (double)traffic->shortest_ns + (double)traffic->spread_ns / 2;
    const double deviation_ns = (double)traffic->spread_ns / sqrt(12.0);
    double gaps = (double)left_ns / mean_ns;
    gaps -= 7.0 * deviation_ns * sqrt(gaps) / mean_ns + 2.0;
    return gaps < JUMP_GAPS || most < JUMP_GAPS ? 0 : gaps < (double)most ? (uint64_t)gaps : most;
}

static rk_ns jump_ns(const struct rk_node *node, uint64_t gaps)
{
    const struct rk_fleet *fleet = node->fleet;
    const struct rk_traffic *traffic = &fleet->traffic;
    struct source source = {&fleet->rng, node->index, 2 * node->message};
    double more_ns = (double)gaps * (double)traffic->spread_ns / 2;
    more_ns += (double)traffic->spread_ns * sqrt((double)gaps / 12.0) * normal(&source);
    return gaps * traffic->shortest_ns + (more_ns > 0 ? (rk_ns)more_ns : 0);
}

uint64_t rk_lifetime_sample(struct rk_node *node, rk_ns end_ns, uint64_t most, rk_ns *last_ns)
{
    const struct rk_fleet *fleet = node->fleet;
    const uint64_t first = node->message;
    while (node->message - first < most && node->sampled_ns < end_ns) {
        uint64_t left = most - (node->message - first);
        uint64_t gaps = jump_gaps(&fleet->traffic, end_ns - node->sampled_ns, left - 1);
        if (gaps > 0) {
            node->sampled_ns += jump_ns(node, gaps);
            node->message += gaps;
            continue;
        }
        *last_ns = node->sampled_ns;
        node->message++;
        node->sampled_ns += rk_traffic_gap_ns(&fleet->traffic, &node->gaps, &fleet->rng, node->index, node->message);
    }
    return node->message - first;
}

/* --- attempts --- */

struct tries {
    uint64_t attempts, acknowledged, lost;
    uint64_t reached[RK_LANES_ATTEMPTS];
};

static struct tries draw_tries(struct source *source, uint64_t messages, double loss, unsigned attempts)
{
    struct tries tries = {.attempts = 0};
    uint64_t unreached = messages, unheard = 0;
    for (unsigned attempt = 0; attempt < attempts && unreached + unheard > 0; attempt++) {
        tries.attempts += unreached + unheard;
        uint64_t arrived = binomial(source, unreached, 1.0 - loss);
        uint64_t heard = binomial(source, arrived, 1.0 - loss);
        uint64_t again = binomial(source, unheard, (1.0 - loss) * (1.0 - loss));
        tries.reached[attempt] = arrived;
        tries.acknowledged += heard + again;
        unreached -= arrived;
        unheard += arrived - heard - again;
    }
    tries.lost = unreached;
    return tries;
}

void rk_lifetime_settle(struct rk_node *node)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_radio_profile *radio = fleet->trial->radio;
    if (node->closed_form == 0) {
        return;
    }
    struct source source = {&fleet->rng, node->index, AT_CLOSE};
    struct tries tries =
        draw_tries(&source, node->closed_form, (double)fleet->link.loss_below / TWO_32, radio->frame_retries + 1u);
    struct rk_link_counts counts = {
        .attempts = tries.attempts,
        .acknowledged = tries.acknowledged,
        .slots = slots_sum(&source, tries.attempts, 1u << radio->backoff_min_exponent),
    };
    struct rk_transmission sent = rk_stretch_times(fleet, &counts);
    struct rk_ledger *ledger = &node->ledger;
    ledger->radio_tx_ns[RK_PHASE_DATA] += sent.tx_ns;
    ledger->radio_rx_ns[RK_PHASE_DATA] += sent.rx_ns;
    ledger->radio_idle_ns[RK_PHASE_DATA] += sent.idle_ns;
    ledger->cpu_idle_ns[RK_PHASE_DATA] += sent.duration_ns;
    uint64_t delivered = node->closed_form - tries.lost;
    fleet->tally.messages_lost += tries.lost;
    fleet->tally.lifecycle_calls += delivered;
    fleet->tally.events += delivered;
    for (unsigned attempt = 0; attempt < RK_LANES_ATTEMPTS; attempt++) {
        fleet->stretch.arrived[attempt] += tries.reached[attempt];
    }
    node->closed_form = 0;
}

/* --- delays --- */

void rk_lifetime_close(struct rk_fleet *fleet)
{
    enum { SUMS = RK_LANES_ATTEMPTS * RK_LANES_SLOTS };
    const unsigned slots = 1u << fleet->trial->radio->backoff_min_exponent;
    struct rk_stretch *stretch = &fleet->stretch;
    struct source source = {&fleet->rng, UINT32_MAX, AT_CLOSE};
    double share[SUMS] = {1.0}; /* of the sums of the attempts so far */
    for (unsigned attempt = 0; attempt < RK_LANES_ATTEMPTS; attempt++) {
        double next[SUMS] = {0};
        for (unsigned sum = 0; sum < SUMS; sum++) {
            for (unsigned more = 0; more < slots && more <= sum; more++) {
                next[sum] += share[sum - more] / slots;
            }
        }
        uint64_t left = stretch->arrived[attempt];
        double rest = 1.0;
        for (unsigned sum = 0; sum < SUMS; sum++) {
            share[sum] = next[sum];
            bool last = sum == (attempt + 1) * (slots - 1);
            uint64_t here = last ? left : left == 0 ? 0 : binomial(&source, left, next[sum] / rest);
            stretch->reached[attempt][sum] += here;
            left -= here;
            rest -= next[sum];
        }
    }
}
