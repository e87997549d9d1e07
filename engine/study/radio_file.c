#include "engine/study/radio_file.h"

#include "engine/core/units.h"

const struct rk_field rk_radio_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_radio_profile, name),
     .min = 1,
     .help = "what it is called on the command line; the file's name"},
    {.key = "title",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_radio_profile, title),
     .min = 1,
     .help = "what it is called in reports"},
    {.key = "bit_rate",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_BIT_RATE,
     RK_AT(struct rk_radio_profile, bit_rate_bps),
     .min = 10,
     .max = 10000000000ull,
     .help = "on air"},
    {.key = "supply",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_VOLTAGE,
     RK_AT(struct rk_radio_profile, supply_mV),
     .min = 500,
     .max = 20000,
     .help = "supply that the currents below are given for"},
    {.key = "tx",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_radio_profile, tx_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "supply current while sending, at the power stated in the source"},
    {.key = "rx",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_radio_profile, rx_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "supply current while receiving or listening"},
    {.key = "idle",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_radio_profile, idle_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "supply current, oscillator on, neither sending nor receiving"},
    {.key = "sleep",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CURRENT,
     RK_AT(struct rk_radio_profile, sleep_nA),
     .min = 1,
     .max = 100000000000ull,
     .help = "supply current in its deepest sleep"},
    {.key = "startup",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_radio_profile, startup_ns),
     .max = 10 * RK_S,
     .help = "from sleep until it can send or receive"},
    {.key = "turnaround",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_radio_profile, turnaround_ns),
     .max = RK_S,
     .help = "from receiving to sending and back"},
    {.key = "phy_header",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_radio_profile, phy_header_bytes),
     .max = 255,
     .help = "preamble, start of frame, length: 6 B in IEEE 802.15.4"},
    {.key = "mac_overhead",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_radio_profile, mac_overhead_bytes),
     .max = 1024,
     .help = "header and check sequence of a data frame, without link security"},
    {.key = "frame_max",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_radio_profile, frame_max_bytes),
     .min = 8,
     .max = 65535,
     .help = "longest frame after the PHY header: 127 B in IEEE 802.15.4"},
    {.key = "ack",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_radio_profile, ack_bytes),
     .max = 1024,
     .help = "acknowledgement frame after the PHY header: 5 B in IEEE 802.15.4"},
    {.key = "ack_wait",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_radio_profile, ack_wait_ns),
     .max = 10 * RK_S,
     .help = "how long the sender listens for an acknowledgement"},
    {.key = "backoff_unit",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_radio_profile, backoff_unit_ns),
     .max = RK_S,
     .help = "slot of the random back-off: 320 us in IEEE 802.15.4"},
    {.key = "backoff_min_exponent",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_radio_profile, backoff_min_exponent),
     .max = 16,
     .help = "the first back-off is below 2 to this many slots"},
    {.key = "backoff_max_exponent",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_radio_profile, backoff_max_exponent),
     .max = 16,
     .help = "and no later one is above 2 to this many slots; 0: on a shared channel it does not listen before it sends"},
    {.key = "frame_retries",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_radio_profile, frame_retries),
     .max = 255,
     .help = "how often a frame without acknowledgement is sent again"},
    {.key = "adaptation_header",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_radio_profile, adaptation_header_bytes),
     .max = 1024,
     .help = "6LoWPAN and compressed IPv6 and UDP of an unfragmented datagram"},
    {.key = "fragment_first",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_radio_profile, fragment_first_bytes),
     .max = 255,
     .help = "6LoWPAN header of the first fragment: 4 B"},
    {.key = "fragment_next",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_radio_profile, fragment_next_bytes),
     .max = 255,
     .help = "6LoWPAN header of each further fragment: 5 B"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    const struct rk_radio_profile *radio = profile;
    const struct rk_profile_kind *kind = &rk_radio_kind;
    if (radio->sleep_nA.value * 10 >= radio->rx_nA.value) {
        return rk_profile_refuse(kind, radio, path, root, "sleep", "less than a tenth of the receive current", diag);
    }
    if (radio->backoff_min_exponent > radio->backoff_max_exponent) {
        return rk_profile_refuse(kind, radio, path, root, "backoff_min_exponent", "at most backoff_max_exponent", diag);
    }
    uint64_t fragment_bytes = radio->fragment_first_bytes > radio->fragment_next_bytes ? radio->fragment_first_bytes
                                                                                       : radio->fragment_next_bytes;
    /* A fragment carries multiples of 8 bytes (RFC 4944, 5.3). */
    if (radio->frame_max_bytes < radio->mac_overhead_bytes + radio->adaptation_header_bytes + fragment_bytes + 8) {
        return rk_profile_refuse(kind, radio, path, root, "frame_max", "room for 8 B beside its own headers", diag);
    }
    return RK_OK;
}

const struct rk_profile_kind rk_radio_kind = {
    .what = "radio",
    .folder = "devices/radios",
    .file = NULL,
    .fields = rk_radio_fields,
    .size = sizeof(struct rk_radio_profile),
    .path_offset = offsetof(struct rk_radio_profile, path),
    .check = check,
};

enum rk_err rk_radio_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_radio_kind, root, names, diag);
}

enum rk_err rk_radio_load(const char *root, const char *name, struct rk_radio_profile *radio, struct rk_diag *diag)
{
    return rk_profile_load(&rk_radio_kind, root, name, radio, diag);
}
