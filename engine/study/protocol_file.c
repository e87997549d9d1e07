#include "engine/study/protocol_file.h"

#include <stdio.h>
#include <string.h>

#include "backends/operation.h"

/* As rk_mechanism_name() has them, in its order. */
static const char *const mechanism_names[] = {"ecdh",   "derive",  "transport", "refresh",
                                              "update", "counter", "static",    NULL};
static const char *const kind_names[] = {"measured", "datasheet", "literature", "assumed", NULL};
static const char *const from_names[] = {"device", "server", NULL};
static const char *const transport_names[] = {"udp", "tcp", "coap", "link", "none", NULL};
#define OPERATION_NAME(name, alg, shape, key, variant, sizes, least, help) #name,
static const char *const operation_names[] = {RK_OPERATIONS(OPERATION_NAME) NULL};
#undef OPERATION_NAME

static const struct rk_field part_fields[] = {
    {.key = "what", .type = RK_FIELD_TEXT, RK_AT(struct rk_protocol_part, what), .min = 1, .help = "what it is"},
    {.key = "bytes",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_protocol_part, bytes),
     .max = 4096,
     .help = "above UDP, TCP or the link layer, whichever carries it; at the file's sizes"},
    {.key = "with",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_protocol_part, with),
     .choices = rk_protocol_size_names,
     .fallback = "none",
     .help = "the size that they follow; certificates: their number and the length of each"},
    {.key = "each",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_protocol_part, each_bytes),
     .max = 64,
     .fallback = "0 B",
     .help = "with certificates: of each one's entry in the list, beside it"},
    {.key = NULL},
};

static const struct rk_field work_fields[] = {
    {.key = "operation",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_protocol_work, operation),
     .choices = operation_names,
     .help = "whose cost row is charged"},
    {.key = "size",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_protocol_work, size_bytes),
     .max = 4096,
     .fallback = "0 B",
     .help = "as the operation's row counts it"},
    {.key = "count",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_protocol_work, count),
     .min = 1,
     .max = 65535,
     .fallback = "1",
     .help = "how often, at the file's sizes"},
    {.key = "with",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_protocol_work, with),
     .choices = rk_protocol_size_names,
     .fallback = "none",
     .help = "certificates: once more for each"},
    {.key = NULL},
};

static const struct rk_field part_element[] = {{.key = "part", .type = RK_FIELD_RECORD, .sub = part_fields}};
static const struct rk_field work_element[] = {{.key = "work", .type = RK_FIELD_RECORD, .sub = work_fields}};

static const struct rk_field flight_fields[] = {
    {.key = "from",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_protocol_flight, from),
     .choices = from_names,
     .help = "who sends it: in turn, the device first"},
    {.key = "what", .type = RK_FIELD_TEXT, RK_AT(struct rk_protocol_flight, what), .min = 1, .help = "its messages"},
    {.key = "parts",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_protocol_flight, part, parts),
     .sub = part_element,
     .fallback = "",
     .help = "what its bytes are made of; none: both sides know without a message"},
    {.key = "device",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_protocol_flight, device, device_works),
     .sub = work_element,
     .fallback = "",
     .help = "what the device computes before it sends the flight, or after it has it"},
    {.key = "server",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_protocol_flight, server, server_works),
     .sub = work_element,
     .fallback = "",
     .help = "the same of the server; its time is the scenario's `server.time`"},
    {.key = NULL},
};

static const struct rk_field flight_element[] = {{.key = "flight", .type = RK_FIELD_RECORD, .sub = flight_fields}};

#define RANGE(name, unit)                                                                                              \
    static const struct rk_field name##_fields[] = {                                                                   \
        {.key = "default",                                                                                             \
         .type = RK_FIELD_COEFFICIENT,                                                                                 \
         .dimension = unit,                                                                                            \
         RK_AT(struct rk_protocol_range, value),                                                                       \
         .max = 4096,                                                                                                  \
         .help = "what the flights' bytes are made with"},                                                             \
        {.key = "least",                                                                                               \
         .type = RK_FIELD_QUANTITY,                                                                                    \
         .dimension = unit,                                                                                            \
         RK_AT(struct rk_protocol_range, least),                                                                       \
         .max = 4096,                                                                                                  \
         .help = "a scenario may set"},                                                                                \
        {.key = "most",                                                                                                \
         .type = RK_FIELD_QUANTITY,                                                                                    \
         .dimension = unit,                                                                                            \
         RK_AT(struct rk_protocol_range, most),                                                                        \
         .min = 1,                                                                                                     \
         .max = 4096,                                                                                                  \
         .help = "a scenario may set"},                                                                                \
        {.key = NULL},                                                                                                 \
    }
RANGE(bytes_range, RK_DIM_DATA);
RANGE(count_range, RK_DIM_COUNT);
#undef RANGE

#define SIZE(number, name, table, text)                                                                                \
    {                                                                                                                  \
        .key = name, .type = RK_FIELD_RECORD, RK_AT(struct rk_protocol, size[number]), .sub = table, .fallback = "",   \
        .help = text                                                                                                   \
    }
static const struct rk_field size_fields[] = {
    SIZE(RK_SIZE_CERTIFICATE, "certificate", bytes_range_fields, "bytes of each certificate"),
    SIZE(RK_SIZE_CERTIFICATES, "certificates", count_range_fields, "certificates of one side, the root not counted"),
    SIZE(RK_SIZE_IDENTITY, "identity", bytes_range_fields, "bytes of the name of a shared key"),
    SIZE(RK_SIZE_CONNECTION, "connection", bytes_range_fields, "bytes of a connection id"),
    {.key = NULL},
};
#undef SIZE

static const struct rk_field again_fields[] = {
    {.key = "first",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_protocol_again, first_ns),
     .min = 1000000,
     .max = 3600000000000,
     .help = "how long the first sending waits for an answer"},
    {.key = "growth",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_RATIO,
     RK_AT(struct rk_protocol_again, growth_ppm),
     .min = 1000000,
     .max = 4000000,
     .help = "of each wait, by the one before; 200 % doubles"},
    {.key = "most",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_TIME,
     RK_AT(struct rk_protocol_again, most_ns),
     .min = 1000000,
     .max = 3600000000000,
     .help = "and no longer than that"},
    {.key = "spread",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_RATIO,
     RK_AT(struct rk_protocol_again, spread_ppm),
     .max = 1000000,
     .fallback = "0 %",
     .help = "each wait is longer by a share between 0 and that"},
    {.key = "limit",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_COUNT,
     RK_AT(struct rk_protocol_again, limit),
     .max = 20,
     .help = "sendings after the first"},
    {.key = "kind",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_protocol_again, kind),
     .choices = kind_names,
     .help = "of all of it"},
    {.key = "source", .type = RK_FIELD_TEXT, RK_AT(struct rk_protocol_again, source), .min = 1, .help = "who says so"},
    {.key = NULL},
};

static const struct rk_field memory_fields[] = {
    {.key = "library",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_protocol_memory, library),
     .min = 1,
     .help = "whose client"},
    {.key = "ram",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_protocol_memory, ram_bytes),
     .help = "static data, stack and heap at once"},
    {.key = "flash",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_protocol_memory, flash_bytes),
     .fallback = "",
     .help = "of the client's image; none: not known of this protocol alone"},
    {.key = NULL},
};
static const struct rk_field memory_element[] = {{.key = "memory", .type = RK_FIELD_RECORD, .sub = memory_fields}};

const struct rk_field rk_protocol_fields[] = {
    {.key = "name", .type = RK_FIELD_NAME, RK_AT(struct rk_protocol, name), .min = 1, .help = "as the file is called"},
    {.key = "title", .type = RK_FIELD_TEXT, RK_AT(struct rk_protocol, title), .min = 1, .help = "for people"},
    {.key = "about",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_protocol, about),
     .min = 1,
     .help = "which variant of it, and what is left out"},
    {.key = "mechanism",
     .type = RK_FIELD_CHOICE,
     RK_AT(struct rk_protocol, mechanism),
     .choices = mechanism_names,
     .help = "what the new key is made from, as `policy.mechanism` has it: a scenario's is then this one"},
    {.key = "transport",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_protocol, transport),
     .choices = transport_names,
     .help = "what carries its flights; their bytes are those above it"},
    {.key = "record",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_DATA,
     RK_AT(struct rk_protocol, record_bytes),
     .max = 96,
     .help = "of a data message beyond its text: header, sequence number, tag"},
    {.key = "again",
     .type = RK_FIELD_RECORD,
     RK_AT(struct rk_protocol, again),
     .sub = again_fields,
     .fallback = "",
     .help =
         "when a flight of the device without an answer is sent again; none: by the policy's `retry` and `attempts`"},
    {.key = "sizes",
     .type = RK_FIELD_RECORD,
     .sub = size_fields,
     .fallback = "",
     .help = "lengths that a scenario may set by `sizes`"},
    {.key = "memory",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_protocol, memory, memories),
     .sub = memory_element,
     .fallback = "",
     .help = "what a client that does it takes, by library: it must fit the device"},
    {.key = "flights",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_protocol, flight, flights),
     .sub = flight_element,
     .min = 2,
     .help = "in order; the server's last answers the device's key request"},
    {.key = NULL},
};

/* Parts and counts may follow only what the file declares. */
static enum rk_err check_sizes(const struct rk_protocol *protocol, const char *path, const struct rk_yaml *root,
                               struct rk_diag *diag)
{
    for (size_t f = 0; f < protocol->flights; f++) {
        const struct rk_protocol_flight *flight = &protocol->flight[f];
        for (size_t i = 0; i < flight->parts; i++) {
            uint8_t with = flight->part[i].with;
            bool known = protocol->size[with].most > 0;
            known &= with != RK_SIZE_CERTIFICATES || protocol->size[RK_SIZE_CERTIFICATE].most > 0;
            if (with != RK_SIZE_NONE && !known) {
                return rk_fail_at(diag, rk_profile_mark(path, root, "flights"),
                                  "flights: a part with %s, which `sizes` has not, expected a size of the file's",
                                  rk_protocol_size_names[with]);
            }
        }
    }
    for (int i = RK_SIZE_CERTIFICATE; i < RK_SIZES; i++) {
        const struct rk_protocol_range *range = &protocol->size[i];
        if (range->most > 0 && (range->value.value < range->least || range->value.value > range->most)) {
            return rk_fail_at(diag, rk_profile_mark(path, root, "sizes"), "sizes: %s: default out of its own range",
                              rk_protocol_size_names[i]);
        }
    }
    return RK_OK;
}

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    if (rk_protocol_request(profile) == RK_FLIGHT_NONE) {
        return rk_fail_at(diag, rk_profile_mark(path, root, "flights"),
                          "flights: two of one side in a row, expected device and server in turn, the device first");
    }
    return check_sizes(profile, path, root, diag);
}

const struct rk_profile_kind rk_protocol_kind = {
    .what = "protocol",
    .folder = "scenarios/protocols",
    .file = NULL,
    .fields = rk_protocol_fields,
    .size = sizeof(struct rk_protocol),
    .path_offset = offsetof(struct rk_protocol, path),
    .check = check,
};

enum rk_err rk_protocol_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_protocol_kind, root, names, diag);
}
