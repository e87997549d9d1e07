#include "engine/model/protocol.h"

#include <stdio.h>
#include <string.h>

#include "backends/operation_info.h"
#include "engine/lifecycle/bulk.h"

const char *const rk_protocol_size_names[] = {"none", "certificate", "certificates", "identity", "connection", NULL};

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

/* --- sending again --- */

uint64_t rk_protocol_wait_ns(const struct rk_protocol_again *again, unsigned sent, uint64_t draw)
{
    uint64_t wait_ns = again->first_ns;
    while (sent-- > 1 && wait_ns < again->most_ns) {
        wait_ns = wait_ns / 1000 * (again->growth_ppm / 1000);
    }
    wait_ns = wait_ns < again->most_ns ? wait_ns : again->most_ns;
    uint64_t spread_ns = wait_ns / 1000000 * again->spread_ppm;
    return wait_ns + (uint64_t)((unsigned __int128)draw * spread_ns >> 64);
}

void rk_protocol_policy(const struct rk_protocol *protocol, struct rk_policy *policy)
{
    policy->mechanism = protocol->mechanism;
    if (protocol->again.first_ns > 0) {
        policy->attempts = 1;
        policy->retry_ns = rk_protocol_wait_ns(&protocol->again, protocol->again.limit + 1u, UINT64_MAX);
    }
}

/* --- sizes --- */

static enum rk_err check_size(const struct rk_protocol *protocol, enum rk_protocol_size size, unsigned value,
                              struct rk_diag *diag)
{
    const struct rk_protocol_range *range = &protocol->size[size];
    const char *unit = size == RK_SIZE_CERTIFICATES ? "" : " B";
    if (range->most == 0) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: protocol %s has none, expected default", rk_protocol_size_names[size],
                       protocol->name);
    }
    if (value < range->least || value > range->most) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: %u%s, expected %u%s to %u%s in protocol %s",
                       rk_protocol_size_names[size], value, unit, range->least, unit, range->most, unit,
                       protocol->name);
    }
    return RK_OK;
}

/* Bytes of a part that its size accounts for. */
static uint64_t sized_bytes(const struct rk_protocol *protocol, const struct rk_protocol_part *part)
{
    uint64_t value = protocol->size[part->with].value.value;
    if (part->with != RK_SIZE_CERTIFICATES) {
        return value;
    }
    return value * (protocol->size[RK_SIZE_CERTIFICATE].value.value + part->each_bytes);
}

static void follow_sizes(struct rk_protocol_flight *flight, const struct rk_protocol *old,
                         const struct rk_protocol *new)
{
    uint64_t more = new->size[RK_SIZE_CERTIFICATES].value.value - old->size[RK_SIZE_CERTIFICATES].value.value;
    for (size_t i = 0; i < flight->parts; i++) {
        struct rk_protocol_part *part = &flight->part[i];
        part->bytes.value += sized_bytes(new, part) - sized_bytes(old, part);
    }
    struct rk_protocol_work *side[] = {flight->device, flight->server};
    const size_t works[] = {flight->device_works, flight->server_works};
    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < works[s]; i++) {
            side[s][i].count += side[s][i].with == RK_SIZE_CERTIFICATES ? (uint16_t)more : 0;
        }
    }
}

enum rk_err rk_protocol_resize(struct rk_protocol *protocol, const uint16_t size[RK_SIZES],
                               enum rk_protocol_size *refused, struct rk_diag *diag)
{
    const struct rk_protocol old = *protocol;
    for (enum rk_protocol_size i = RK_SIZE_CERTIFICATE; i < RK_SIZES; i++) {
        if (size[i] == RK_SIZE_DEFAULT) {
            continue;
        }
        *refused = i;
        enum rk_err err = check_size(protocol, i, size[i], diag);
        if (err != RK_OK) {
            return err;
        }
        protocol->size[i].value.value = size[i];
    }
    protocol->record_bytes.value +=
        protocol->size[RK_SIZE_CONNECTION].value.value - old.size[RK_SIZE_CONNECTION].value.value;
    for (size_t i = 0; i < protocol->flights; i++) {
        follow_sizes(&protocol->flight[i], &old, protocol);
    }
    return RK_OK;
}

/* --- does it fit --- */

static enum rk_err fits(const char *memory, const struct rk_coefficient *need, uint64_t taken, uint64_t there,
                        const struct rk_protocol *protocol, struct rk_diag *diag)
{
    uint64_t needed = need->value - need->value * need->error_ppm / 1000000;
    if (needed + taken <= there) {
        return RK_OK;
    }
    return rk_fail(diag, RK_ERR_CHECK, "does not fit: %s: at least %llu B of %llu B for %s beside the system's %llu B",
                   memory, (unsigned long long)needed, (unsigned long long)there, protocol->name,
                   (unsigned long long)taken);
}

enum rk_err rk_protocol_fits_memory(const struct rk_protocol *protocol, const char *library,
                                    const struct rk_device_profile *device, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    for (size_t i = 0; protocol != NULL && i < protocol->memories && err == RK_OK; i++) {
        const struct rk_protocol_memory *memory = &protocol->memory[i];
        if (strcmp(memory->library, library) == 0) {
            err = fits("ram", &memory->ram_bytes, device->os_ram_bytes, device->ram_bytes, protocol, diag);
            err = err != RK_OK ? err
                               : fits("flash", &memory->flash_bytes, device->os_flash_bytes, device->flash_bytes,
                                      protocol, diag);
        }
    }
    return err;
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
