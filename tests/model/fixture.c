#include "tests/model/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation.h"

static struct rk_device_profile device;
static struct rk_radio_profile radio;
static struct rk_battery_profile battery;
static struct rk_cost_row rows[256];
static size_t row_count;

static struct rk_coefficient exact(uint64_t value, enum rk_kind kind)
{
    return (struct rk_coefficient){.value = value, .kind = (uint8_t)kind, .source = "round figure of a test"};
}

static void add_row(const char *op, uint32_t size_bytes, uint64_t cycles)
{
    if (row_count == sizeof rows / sizeof rows[0]) {
        fprintf(stderr, "more operations and sizes than the fixture has rows\n");
        abort();
    }
    struct rk_cost_row *row = &rows[row_count++];
    memset(row, 0, sizeof *row);
    snprintf(row->op, sizeof row->op, "%s", op);
    snprintf(row->status, sizeof row->status, "ok");
    row->size_bytes = size_bytes;
    row->cycles_median = cycles;
    row->cycles_low = cycles;
    row->cycles_high = cycles;
}

/* Fixed part and slope of an operation by its name: 1000 cycles and 100 a byte; curves cost a million. */
static void fill_rows(void)
{
    static const struct {
        const char *name, *sizes;
    } operations[] = {
#define OPERATION(name, alg, shape, key, variant, sizes, least, help) {#name, sizes},
        RK_OPERATIONS(OPERATION)
#undef OPERATION
    };
    row_count = 0;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        bool curve = strncmp(operations[i].name, "x25519", 6) == 0 || strncmp(operations[i].name, "p256", 4) == 0;
        const char *size = operations[i].sizes;
        while (size != NULL) {
            uint32_t bytes = (uint32_t)atoi(size);
            add_row(operations[i].name, bytes, curve ? 1000000 : 1000 + 100 * (uint64_t)bytes);
            size = strchr(size, ',');
            size = size == NULL ? NULL : size + 1;
        }
    }
}

struct rk_device_profile *rkt_device(void)
{
    return &device;
}

struct rk_radio_profile *rkt_radio(void)
{
    return &radio;
}

struct rk_battery_profile *rkt_battery(void)
{
    return &battery;
}

struct rk_cost_row *rkt_row(const char *op, uint32_t size_bytes)
{
    for (size_t i = 0; i < row_count; i++) {
        if (strcmp(rows[i].op, op) == 0 && rows[i].size_bytes == size_bytes) {
            return &rows[i];
        }
    }
    return NULL;
}

static void fill_profiles(void)
{
    device = (struct rk_device_profile){
        .name = "round",
        .clock_Hz = 1000000,
        .supply_mV = 3000,
        .active_nA = exact(1000000, RK_KIND_MEASURED),
        .idle_nA = exact(100000, RK_KIND_DATASHEET),
        .sleep_nA = exact(1000, RK_KIND_ASSUMED),
        .nvm_write_nA = exact(500000, RK_KIND_LITERATURE),
        .nvm_write_ns = 1 * RK_MS,
        .nvm_write_unit_bytes = 4,
        .nvm_endurance = 100000,
    };
    radio = (struct rk_radio_profile){
        .name = "round",
        .bit_rate_bps = 250000,
        .supply_mV = 3000,
        .tx_nA = exact(17000000, RK_KIND_DATASHEET),
        .rx_nA = exact(19000000, RK_KIND_DATASHEET),
        .idle_nA = exact(400000, RK_KIND_DATASHEET),
        .sleep_nA = exact(20, RK_KIND_DATASHEET),
        .startup_ns = 1 * RK_MS,
        .turnaround_ns = 192 * RK_US,
        .phy_header_bytes = 6,
        .mac_overhead_bytes = 21,
        .frame_max_bytes = 127,
        .ack_bytes = 5,
        .ack_wait_ns = 864 * RK_US,
        .backoff_unit_ns = 320 * RK_US,
        .backoff_min_exponent = 3,
        .backoff_max_exponent = 5,
        .frame_retries = 3,
        .adaptation_header_bytes = 12,
        .fragment_first_bytes = 4,
        .fragment_next_bytes = 5,
    };
    battery = (struct rk_battery_profile){
        .name = "round",
        .voltage_mV = 3000,
        .capacity_nAh = exact(200000000, RK_KIND_DATASHEET),
        .usable_ppm = 1000000,
        .self_discharge_ppm_per_year = exact(0, RK_KIND_DATASHEET),
    };
}

void rkt_radio_of(enum rk_link_kind kind)
{
    radio.kind = (uint8_t)kind;
    radio.bits_a_byte = kind == RK_LINK_SERIAL ? 10 : 8;
    radio.frame_min_bytes = kind == RK_LINK_ETHERNET ? 64 : 0;
    radio.frame_max_bytes = kind == RK_LINK_BLE || kind == RK_LINK_LORA ? 251 : 1500;
    radio.bit_rate_bps = kind == RK_LINK_LORA ? 0 : 1000000;
    radio.ble = (struct rk_ble_profile){
        .interval_ns = 100 * RK_MS, .latency = 3, .interframe_ns = 150 * RK_US, .clock_error_ppm = 100};
    radio.lora = (struct rk_lora_profile){.bandwidth_Hz = 125000,
                                          .spreading = 7,
                                          .rx2_spreading = 12,
                                          .coding = 1,
                                          .preamble_symbols = 8,
                                          .duty_ppm = 10000,
                                          .rx1_delay_ns = RK_S,
                                          .window_symbols = 8,
                                          .channels = exact(1, RK_KIND_LITERATURE),
                                          .gateway_duty_ppm = exact(100000, RK_KIND_LITERATURE),
                                          .capture_mdB = exact(6000, RK_KIND_LITERATURE),
                                          .tries = exact(8, RK_KIND_LITERATURE),
                                          .ack_timeout_ns = exact(2 * RK_S, RK_KIND_LITERATURE)};
    radio.wifi = (struct rk_wifi_profile){.control_rate_bps = 6000000,
                                          .preamble_ns = 20 * RK_US,
                                          .symbol_ns = 4 * RK_US,
                                          .beacon_interval_ns = 100 * RK_MS,
                                          .beacon_bytes = 150,
                                          .dtim = 3};
}

struct rk_trial rkt_trial(void)
{
    fill_profiles();
    fill_rows();
    return (struct rk_trial){
        .seed = 1,
        .device = &device,
        .radio = &radio,
        .battery = &battery,
        .costs = {rows, row_count},
        .capabilities = RK_CAP(RK_ALG_COUNT) - 1,
        .drbg_alg = RK_ALG_CTR_DRBG,
        .devices = 1,
        .horizon_ns = RK_DAY,
        .message_period_ns = 300 * RK_S,
        .message_bytes = 32,
        .server_time_ns = 5 * RK_MS,
        .servers = 1,
        .network_delay_ns = 20 * RK_MS,
        .aead = RK_ALG_AES_CCM,
        .tag_bytes = 8,
        .curve = RK_ALG_X25519,
        .policy =
            {
                .triggers = RK_TRIGGER_INTERVAL,
                .mechanism = RK_MECHANISM_DERIVE,
                .attempts = 3,
                .interval_ns = 3600 * RK_S,
                .retry_ns = 2 * RK_S,
                .overlap_ns = 10 * RK_S,
                .cryptoperiod_ns = RK_NEVER,
            },
        .trace_device = -1,
    };
}

struct rk_trial_result rkt_run(const struct rk_trial *trial)
{
    struct rk_trial_result result;
    struct rk_diag diag = {""};
    if (rk_trial_run(trial, &result, &diag) != RK_OK) {
        fprintf(stderr, "%s\n", diag.text);
        abort();
    }
    return result;
}
