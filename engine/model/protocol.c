#include "engine/model/protocol.h"

#include <stdio.h>
#include <string.h>

#include "backends/operation_info.h"
#include "engine/lifecycle/bulk.h"

uint32_t rk_protocol_flight_bytes(const struct rk_protocol *protocol, unsigned flight)
{
    uint32_t bytes = 0;
    for (size_t i = 0; i < protocol->flight[flight].parts; i++) {
        bytes += (uint32_t)protocol->flight[flight].part[i].bytes.value;
    }
    return bytes;
}

uint32_t rk_protocol_bytes(const struct rk_protocol *protocol)
{
    uint32_t bytes = 0;
    for (unsigned i = 0; i < protocol->flights; i++) {
        bytes += rk_protocol_flight_bytes(protocol, i);
    }
    return bytes;
}

unsigned rk_protocol_request(const struct rk_protocol *protocol)
{
    size_t flights = protocol->flights;
    for (size_t i = 0; i < flights; i++) {
        if (protocol->flight[i].from != (i % 2 == 0 ? RK_FROM_DEVICE : RK_FROM_SERVER)) {
            return RK_FLIGHT_NONE;
        }
    }
    return flights < 2 ? RK_FLIGHT_NONE : (unsigned)(flights % 2 == 0 ? flights - 2 : flights - 3);
}

static enum rk_err add_work(struct rk_usage *usage, const struct rk_protocol_flight *flight, struct rk_costs *costs,
                            struct rk_diag *diag)
{
    for (size_t i = 0; i < flight->device_works; i++) {
        const struct rk_protocol_work *work = &flight->device[i];
        const struct rk_cost *cost = rk_costs_find(costs, (enum rk_operation)work->operation, work->size_bytes);
        if (cost == NULL) {
            return rk_fail(diag, RK_ERR_CHECK, "%s: %s", rk_operation_name((enum rk_operation)work->operation),
                           rk_costs_reason(costs, (enum rk_operation)work->operation));
        }
        usage->cycles += work->count * cost->cycles;
        usage->cycles_low += work->count * cost->cycles_low;
        usage->cycles_high += work->count * cost->cycles_high;
        usage->engine_ns += work->count * cost->engine_ns;
    }
    return RK_OK;
}

enum rk_err rk_protocol_fits(const struct rk_protocol *protocol, uint16_t message_bytes, uint16_t datagram_max_bytes,
                             bool shared, struct rk_diag *diag)
{
    uint32_t record = protocol == NULL ? 0 : message_bytes + (uint32_t)protocol->record_bytes.value;
    if (record > RK_FRAME_MAX_bytes) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "protocol: messages of %u bytes in records of %s, expected at most %d bytes in all",
                       message_bytes, protocol->name, RK_FRAME_MAX_bytes);
    }
    uint32_t most = (shared ? 1 : RK_DATAGRAMS_max) * (uint32_t)datagram_max_bytes;
    for (unsigned i = 0; protocol != NULL && i < protocol->flights; i++) {
        uint32_t bytes = rk_protocol_flight_bytes(protocol, i);
        if (bytes > most) {
            return rk_fail(diag, RK_ERR_INPUT,
                           "protocol: flight %u of %s has %u bytes, expected at most %u on this link", i + 1,
                           protocol->name, bytes, most);
        }
    }
    return RK_OK;
}

enum rk_err rk_play_init(struct rk_play *play, const struct rk_protocol *protocol, struct rk_costs *costs,
                         uint8_t tag_bytes, struct rk_diag *diag)
{
    *play = (struct rk_play){.protocol = protocol};
    enum rk_err err = RK_OK;
    if (protocol == NULL) {
        return err;
    }
    RK_REQUIRE(rk_protocol_request(protocol) != RK_FLIGHT_NONE);
    play->request = (uint8_t)rk_protocol_request(protocol);
    play->record_extra_bytes = (int16_t)((int)protocol->record_bytes.value - (int)rk_bulk_frame_bytes(0, tag_bytes));
    for (unsigned i = 0; i < protocol->flights && err == RK_OK; i++) {
        play->flight_bytes[i] = (uint16_t)rk_protocol_flight_bytes(protocol, i);
        err = add_work(&play->work[i], &protocol->flight[i], costs, diag);
    }
    return err;
}

void rk_protocol_operations(const struct rk_protocol *protocol, char *names, size_t size)
{
    names[0] = '\0';
    for (size_t i = 0; i < protocol->flights; i++) {
        for (size_t k = 0; k < protocol->flight[i].device_works; k++) {
            const char *name = rk_operation_name((enum rk_operation)protocol->flight[i].device[k].operation);
            char listed[64], known[2048];
            snprintf(listed, sizeof listed, ",%s,", name);
            snprintf(known, sizeof known, ",%s%s,", rk_meter_operations, names);
            if (strstr(known, listed) == NULL) {
                size_t used = strlen(names);
                snprintf(names + used, size - used, ",%s", name);
            }
        }
    }
}
