#include "engine/model/lifetime.h"

#include <math.h>

enum { WORDS = 16, JUMP_GAPS = 12, SUM_GAPS = 3, NORMAL_VARIANCE = 25 };

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

/* So many uniform words of 16 bits. */
static uint32_t sum_words(struct source *source, unsigned count)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < count; i += 8) {
        struct rk_rng_words words = rk_rng_block(source->key, source->device, RK_RNG_LIFETIME, source->block++);
        unsigned whole = count - i < 8 ? (count - i) / 2 : 4;
        for (unsigned k = 0; k < whole; k++) {
            sum += (words.word[k] & 0xffff) + (words.word[k] >> 16);
        }
        sum += whole < 4 && count % 2 == 1 ? words.word[whole] & 0xffff : 0;
    }
    return sum;
}

/* Mean 0, variance 1: 16 uniform words of 16 bits. Never beyond 6.93. */
static double normal(struct source *source)
{
    uint32_t sum = sum_words(source, WORDS);
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
    double z = normal(source);
    double skew = (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0; /* the first term of Cornish and Fisher's expansion */
    double drawn = floor(mean + sqrt(variance) * z + skew + 0.5);
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

/* Gaps that can be jumped over for sure: the normal is bounded, and so is a gap. */
static uint64_t jump_gaps(const struct rk_traffic *traffic, rk_ns left_ns, uint64_t most)
{
    const double mean_ns = (double)traffic->shortest_ns + (double)traffic->spread_ns / 2;
    const double deviation_ns = (double)traffic->spread_ns / sqrt(12.0);
    double gaps = (double)left_ns / mean_ns;
    if (gaps > JUMP_GAPS && most >= JUMP_GAPS) {
        gaps -= 7.0 * deviation_ns * sqrt(gaps) / mean_ns + 2.0;
        if (gaps >= JUMP_GAPS) {
            return gaps < (double)most ? (uint64_t)gaps : most;
        }
    }
    uint64_t sure = (left_ns - 1) / (traffic->shortest_ns + traffic->spread_ns);
    sure = sure < most ? sure : most;
    sure = sure < WORDS ? sure : WORDS;
    return sure < SUM_GAPS ? 0 : sure;
}

static rk_ns jump_ns(const struct rk_node *node, uint64_t gaps)
{
    const struct rk_fleet *fleet = node->fleet;
    const struct rk_traffic *traffic = &fleet->traffic;
    struct source source = {&fleet->rng, node->index, 2 * node->message};
    double spread_ns = (double)traffic->spread_ns, count = (double)gaps;
    double more_ns = gaps <= WORDS ? spread_ns * (sum_words(&source, (unsigned)gaps) + count / 2) / 65536.0
                                   : spread_ns * (count / 2 + sqrt(count / 12.0) * normal(&source));
    return gaps * traffic->shortest_ns + (more_ns > 0 ? (rk_ns)more_ns : 0);
}

/* Gap by gap. in: how many at most, at least one. */
static void walk(struct rk_node *node, rk_ns end_ns, uint64_t most, rk_ns *last_ns)
{
    const struct rk_fleet *fleet = node->fleet;
    struct rk_gaps *gaps = &node->gaps;
    const uint64_t beyond = node->message + most;
    uint64_t number = node->message;
    rk_ns at_ns = node->sampled_ns;
    do {
        *last_ns = at_ns;
        number++;
        if (!gaps->drawn || gaps->block != number / 4) {
            *gaps =
                (struct rk_gaps){number / 4, rk_rng_block(&fleet->rng, node->index, RK_RNG_TRAFFIC, number / 4), true};
        }
        at_ns += rk_traffic_gap_of(&fleet->traffic, gaps->words.word[number % 4]);
    } while (number < beyond && at_ns < end_ns);
    node->message = number;
    node->sampled_ns = at_ns;
}

/* Where all gaps are the same. */
static void stride(struct rk_node *node, rk_ns end_ns, uint64_t most, rk_ns *last_ns)
{
    const rk_ns gap_ns = node->fleet->traffic.shortest_ns;
    uint64_t fit = (end_ns - node->sampled_ns - 1) / gap_ns + 1;
    fit = fit < most ? fit : most;
    node->message += fit;
    node->sampled_ns += fit * gap_ns;
    *last_ns = node->sampled_ns - gap_ns;
}

uint64_t rk_lifetime_sample(struct rk_node *node, rk_ns end_ns, uint64_t most, rk_ns *last_ns)
{
    const struct rk_traffic *traffic = &node->fleet->traffic;
    const uint64_t first = node->message;
    if (traffic->spread_ns == 0) {
        stride(node, end_ns, most, last_ns);
        return node->message - first;
    }
    uint64_t gaps;
    while ((gaps = jump_gaps(traffic, end_ns - node->sampled_ns, first + most - node->message - 1)) > 0) {
        node->sampled_ns += jump_ns(node, gaps);
        node->message += gaps;
    }
    walk(node, end_ns, first + most - node->message, last_ns);
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
    fleet->tally.calls_spared += delivered;
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
