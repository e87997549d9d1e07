/* Receivers that sleep, over IEEE 802.15.4. One mode serves both directions, as both sides keep to it, and is paid for all
 * the time that a device can be reached.
 * contikimac: a receiver wakes up every period for two assessments of the channel. A sender repeats its frame, with a gap
 *   in which an acknowledgement may come, until the receiver has woken up (uniform in the period; no phase is learnt) and
 *   then heard one whole copy. A lost frame is repeated for a whole period, then counts as one attempt.
 * tsch: one slot each slotframe (the period) and direction, of 10 ms. A frame waits for its slot; so does each repetition.
 *   An empty receive slot costs the guard time.
 * poll: a sleepy end device asks its parent every period, and every answer period while it awaits an answer. What is for
 *   it waits at the parent for such a poll; each further fragment is asked for at once. Upwards nothing changes.
 * Source: A. Dunkels, "The ContikiMAC Radio Duty Cycling Protocol", SICS T2011:13 (t_i = 0.4 ms); IEEE 802.15.4-2020 8.4.3.3
 * macTimeslotTemplate (10 ms: macTsTxOffset 2120 us, macTsRxWait 2200, macTsAckWait 400); 6.6.3
 * (data request), Thread 1.1 (sleepy end devices). */
#include "engine/model/radio_internal.h"

enum { ASSESSMENTS = 2, POLL_COMMAND_bytes = 1 };

static const rk_ns cca_ns = 128 * RK_US, strobe_gap_ns = 400 * RK_US;
static const rk_ns slot_ns = 10 * RK_MS, slot_offset_ns = 2120 * RK_US, slot_guard_ns = 2200 * RK_US;
static const rk_ns slot_ack_wait_ns = 400 * RK_US;

enum rk_err rki_listen_prepare(const struct rk_link *link, struct rk_diag *diag)
{
    const struct rk_link_use *use = &link->use;
    if (use->listen == RK_LISTEN_ALWAYS) {
        return RK_OK;
    }
    rk_ns least_ns = use->listen == RK_LISTEN_TSCH ? 2 * slot_ns : 10 * RK_MS;
    if (use->listen_period_ns < least_ns || (use->listen == RK_LISTEN_POLL && use->answer_period_ns < least_ns)) {
        return rk_fail(diag, RK_ERR_INPUT, "listening with a period below %u ms, expected at least that",
                       (unsigned)(least_ns / RK_MS));
    }
    return RK_OK;
}

/* --- ContikiMAC --- */

static bool strobe(struct rki_sending *sending, const struct rki_fate *fate, rk_ns airtime_ns, bool *reached)
{
    const struct rk_link *link = sending->link;
    const struct rk_radio_profile *radio = link->radio;
    struct rk_transmission *out = sending->out;
    rk_ns cycle_ns = airtime_ns + strobe_gap_ns, period_ns = link->use.listen_period_ns;
    uint64_t most = period_ns / cycle_ns + 2;
    rk_ns asleep_ns = (rk_ns)((unsigned __int128)fate->words.word[3] * period_ns >> 32);
    uint64_t missed = asleep_ns / cycle_ns + 1;
    bool acknowledged = !fate->frame_lost && !fate->ack_lost;
    uint64_t copies = acknowledged ? missed + 1 : most;
    rk_ns begin_ns = sending->now_ns;
    if (!fate->frame_lost) {
        sending->now_ns += missed * cycle_ns + airtime_ns;
        rki_arrive(sending, reached);
    }
    rk_ns answer_ns = acknowledged ? radio->turnaround_ns + link->ack_ns : strobe_gap_ns;
    sending->now_ns = begin_ns + (copies - 1) * cycle_ns + airtime_ns + answer_ns;
    out->tx_ns += copies * airtime_ns;
    out->rx_ns += (copies - 1) * strobe_gap_ns + answer_ns;
    out->awake_ns += sending->now_ns - begin_ns;
    if (sending->datagram->down && !fate->frame_lost) {
        out->heard.rx_ns += cycle_ns - asleep_ns % cycle_ns + airtime_ns;
        out->heard.tx_ns += link->ack_ns;
    }
    return acknowledged;
}

/* --- TSCH --- */

static bool slot(struct rki_sending *sending, const struct rki_fate *fate, rk_ns airtime_ns, bool *reached)
{
    const struct rk_link *link = sending->link;
    struct rk_transmission *out = sending->out;
    rk_ns from_ns = sending->now_ns + (sending->datagram->down ? link->use.listen_period_ns / 2 : 0);
    rk_ns begin_ns = sending->now_ns + rki_until_wake_ns(sending, link->use.listen_period_ns, from_ns);
    sending->now_ns = begin_ns + slot_offset_ns + airtime_ns;
    if (!fate->frame_lost) {
        rki_arrive(sending, reached);
    }
    bool acknowledged = !fate->frame_lost && !fate->ack_lost;
    out->tx_ns += airtime_ns;
    out->rx_ns += acknowledged ? slot_ack_wait_ns / 2 + link->ack_ns : slot_ack_wait_ns;
    out->awake_ns += slot_ns;
    sending->now_ns = begin_ns + slot_ns;
    if (sending->datagram->down && !fate->frame_lost) {
        out->heard.rx_ns += airtime_ns; /* the guard time is the background's */
        out->heard.tx_ns += link->ack_ns;
    }
    return acknowledged;
}

/* --- polls --- */

/* One poll and its acknowledgement. */
static struct rk_effort poll_effort(const struct rk_link *link)
{
    const struct rk_radio_profile *radio = link->radio;
    rk_ns backoff_ns = ((1ull << radio->backoff_min_exponent) - 1) * radio->backoff_unit_ns / 2;
    struct rk_effort poll = {
        .tx_ns = rk_link_airtime_ns(link, radio->mac_overhead_bytes + POLL_COMMAND_bytes),
        .rx_ns = 2 * radio->turnaround_ns + link->ack_ns,
        .idle_ns = radio->startup_ns + backoff_ns,
    };
    poll.awake_ns = poll.tx_ns + poll.rx_ns + poll.idle_ns;
    return poll;
}

/* A wake-up in which nothing comes: the processor waits for the radio. */
static struct rk_effort wake_effort(const struct rk_link *link, rk_ns rx_ns)
{
    rk_ns startup_ns = link->radio->startup_ns;
    return (struct rk_effort){.rx_ns = rx_ns, .idle_ns = startup_ns, .awake_ns = startup_ns + rx_ns};
}

static struct rk_effort times(struct rk_effort effort, uint64_t count)
{
    return (struct rk_effort){effort.tx_ns * count, effort.rx_ns * count, effort.idle_ns * count,
                              effort.awake_ns * count};
}

static void add(struct rk_effort *sum, struct rk_effort effort)
{
    sum->tx_ns += effort.tx_ns;
    sum->rx_ns += effort.rx_ns;
    sum->idle_ns += effort.idle_ns;
    sum->awake_ns += effort.awake_ns;
}

void rki_listen_wait(struct rki_sending *sending)
{
    const struct rk_link *link = sending->link;
    if (link->use.listen != RK_LISTEN_POLL || !sending->datagram->down) {
        return;
    }
    struct rk_effort poll = poll_effort(link);
    if (sending->out->attempts == 0) {
        sending->now_ns += rki_until_wake_ns(sending, link->use.answer_period_ns, sending->now_ns);
    } else {
        add(&sending->out->heard, poll);
    }
    sending->now_ns += poll.awake_ns;
}

/* --- all of them --- */

bool rki_listen_send(struct rki_sending *sending, const struct rki_fate *fate, rk_ns airtime_ns, bool *reached)
{
    sending->out->attempts++;
    return sending->link->use.listen == RK_LISTEN_TSCH ? slot(sending, fate, airtime_ns, reached)
                                                       : strobe(sending, fate, airtime_ns, reached);
}

struct rk_effort rki_listen_background(const struct rk_link *link, rk_ns span_ns)
{
    const rk_ns period_ns = link->use.listen_period_ns;
    switch ((enum rk_listen)link->use.listen) {
    case RK_LISTEN_CONTIKIMAC:
        return times(wake_effort(link, ASSESSMENTS * (link->radio->turnaround_ns + cca_ns)), span_ns / period_ns);
    case RK_LISTEN_TSCH:
        return times(wake_effort(link, slot_guard_ns), span_ns / period_ns);
    case RK_LISTEN_POLL:
        return times(poll_effort(link), span_ns / period_ns);
    default:
        return (struct rk_effort){.rx_ns = 0};
    }
}

struct rk_effort rki_listen_while_waiting(const struct rk_link *link, rk_ns span_ns)
{
    switch ((enum rk_listen)link->use.listen) {
    case RK_LISTEN_ALWAYS:
        return (struct rk_effort){.rx_ns = span_ns};
    case RK_LISTEN_POLL:
        return times(poll_effort(link), span_ns / link->use.answer_period_ns);
    default:
        return (struct rk_effort){.rx_ns = 0};
    }
}
