#include "engine/study/protocol_file.h"

#include "backends/operation.h"

/* As rk_mechanism_name() has them, in its order. */
static const char *const mechanism_names[] = {"ecdh",   "derive",  "transport", "refresh",
                                              "update", "counter", "static",    NULL};
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
     .help = "above UDP, TCP or the link layer, whichever carries it"},
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
     .help = "how often"},
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
    {.key = "flights",
     .type = RK_FIELD_LIST,
     RK_LIST_AT(struct rk_protocol, flight, flights),
     .sub = flight_element,
     .min = 2,
     .help = "in order; the server's last answers the device's key request"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    if (rk_protocol_request(profile) == RK_FLIGHT_NONE) {
        return rk_fail_at(diag, rk_profile_mark(path, root, "flights"),
                          "flights: two of one side in a row, expected device and server in turn, the device first");
    }
    return RK_OK;
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
