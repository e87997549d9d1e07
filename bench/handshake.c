/* bench/handshake.c - carries datagrams between an emulated client and its peer until both are done */
#include "bench/handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "bench/handshake_internal.h"
#include "devices/emulators/emulator.h"
#include "devices/firmware/build.h"
#include "engine/study/device_file.h"

const char *const rk_handshake_protocol_names[] = {"dtls1.2", "tls1.2", "dtls1.3", "tls1.3", NULL};
const char *const rk_handshake_auth_names[] = {"psk",        "ecdhe-psk",  "certificate", "raw-public-key",
                                               "resumption", "key-update", NULL};
const char *const rk_handshake_count_names[] = {"key pair", "agree", "sign", "verify", "seal",
                                                "open",     "hmac",  "hash", NULL};

static const char text_of[2][RK_HANDSHAKE_TEXT_bytes + 1] = {"hello of client\n", "hello of server\n"};

/* A side that runs the program of devices/firmware/handshake. */
struct side {
    struct rk_device_profile device;
    const struct rk_emulator_driver *driver;
    struct rk_firmware firmware;
    struct rk_emulator *emulator;
    struct rk_call call;
    bool done;
};

struct run {
    const struct rk_handshake_request *request;
    struct rk_handshake_outcome *outcome;
    struct side *client, *server; /* server: NULL with OpenSSL */
    struct rki_openssl *openssl;
    bool hidden[2];
    bool goes_on;                /* after a handshake comes more: who is done reads what comes, a ticket or new keys */
    struct rki_messages sent[2]; /* by whom */
    uint16_t before[2][RK_HANDSHAKE_COUNTS]; /* calls that do not belong to what is looked at, by role */
};

static enum rk_err open_side(struct side *side, const char *device, const char *backend, struct rk_diag *diag)
{
    const struct rk_firmware_options options = {.program = "handshake"};
    char name[32];
    const char *at = strchr(backend, '@');
    snprintf(name, sizeof name, "%.*s", at != NULL ? (int)(at - backend) : (int)strlen(backend), backend);
    enum rk_err err = rk_device_load(rk_firmware_root(), device, &side->device, diag);
    if (err) {
        return err;
    }
    side->driver = rk_emulator_driver_find(side->device.emulator);
    if (side->driver == NULL) {
        return rk_fail(diag, RK_ERR_MISSING, "%s: emulator `%s` is not in this build", side->device.path,
                       side->device.emulator);
    }
    err = rk_firmware_get_as(side->device.device, name, at != NULL ? at + 1 : NULL, &options, &side->firmware, diag);
    if (err || side->firmware.program.path[0] == '\0') {
        return err;
    }
    return side->driver->open(&side->emulator, &side->device, side->firmware.program.path, diag);
}

static void close_side(struct side *side)
{
    if (side != NULL && side->emulator != NULL) {
        side->driver->close(side->emulator);
    }
    free(side);
}

static void set_status(struct run *run, const char *text, const char *more)
{
    snprintf(run->outcome->status, sizeof run->outcome->status, "%s%s", text, more);
}

/* One request. out: false when the side failed, and status says why; what it says is *told. */
static bool ask(struct run *run, struct side *side, uint8_t operation, const void *in, size_t bytes, int *told)
{
    struct rk_call *call = &side->call;
    const uint8_t *value;
    uint16_t length;
    memset(call, 0, sizeof *call);
    call->operation = operation;
    if (bytes > 0 && !rk_call_append(call, in, (uint16_t)bytes)) {
        set_status(run, "failed: ", "more bytes than a call takes");
        return false;
    }
    enum rk_call_status came = side->driver->call(side->emulator, call);
    if (came == RK_CALL_STACK_OVERFLOW || call->heap_refused) {
        set_status(run, "does not fit: ram", "");
        return false;
    }
    if (came != RK_CALL_OK) {
        set_status(run, "crashed: ", side->driver->reason(side->emulator));
        return false;
    }
    if (call->result != RK_CRYPTO_OK || !rk_call_field(call, 0, &value, &length) || length != 1) {
        set_status(run, "failed: ", "no answer");
        return false;
    }
    *told = (int8_t)value[0];
    if (*told == RK_HANDSHAKE_UNSUPPORTED) {
        set_status(run, "not provided by the library", "");
    } else if (*told < 0) {
        set_status(run, side == run->client ? "failed: the client" : "failed: the server", " gave up");
    }
    return *told >= 0;
}

static void note_cost(struct run *run, struct side *side, size_t in_bytes, size_t out_bytes)
{
    struct rk_handshake_outcome *outcome = run->outcome;
    const struct rk_measure *cost = &side->call.cost;
    if (side != run->client || outcome->steps == RK_HANDSHAKE_STEPS_MAX) {
        return;
    }
    outcome->step[outcome->steps++] = (struct rk_handshake_step){
        .in_bytes = (uint16_t)in_bytes,
        .out_bytes = (uint16_t)out_bytes,
        .has_cycles = cost->has_cycles,
        .cycles = cost->cycles,
        .cycles_low = cost->cycles_low,
        .cycles_high = cost->cycles_high,
    };
    outcome->cycles += cost->cycles;
    outcome->has_stack = cost->has_stack;
    outcome->stack_bytes = cost->stack_bytes > outcome->stack_bytes ? cost->stack_bytes : outcome->stack_bytes;
    outcome->heap_bytes = cost->heap_bytes > outcome->heap_bytes ? cost->heap_bytes : outcome->heap_bytes;
}

/* Takes what a side sends from its reply, from field `first` on. out: bytes; false when there is no room. */
static bool collect(struct run *run, struct side *side, uint8_t role, unsigned first, size_t *bytes)
{
    const uint8_t *value;
    uint16_t length;
    struct rki_messages *sent = &run->sent[role];
    *bytes = 0;
    for (unsigned i = first; rk_call_field(&side->call, i, &value, &length); i++) {
        bool room = rki_is_datagrams(run->request->protocol) ? rki_messages_add(sent, value, length)
                                                             : rki_messages_add_records(sent, value, length) == length;
        if (!room) {
            set_status(run, "failed: ", "what is sent is no whole record, or too long");
            return false;
        }
        *bytes += length;
    }
    return true;
}

/* Hands a side one message, or none at first. */
static bool step(struct run *run, struct side *side, uint8_t role, const struct rki_message *in)
{
    int told;
    size_t sent;
    size_t bytes = in != NULL ? in->bytes : 0;
    const bool reads = run->goes_on && side->done;
    if (!ask(run, side, reads ? RK_HANDSHAKE_READ : RK_HANDSHAKE_STEP, in != NULL ? in->data : NULL, bytes, &told) ||
        !collect(run, side, role, 1, &sent)) {
        return false;
    }
    note_cost(run, side, bytes, sent);
    side->done |= told == RK_HANDSHAKE_DONE;
    return true;
}

/* The flight that a message belongs to is the last one, when that is of the same side. */
static void note_flight(struct run *run, uint8_t from, const struct rki_message *message)
{
    struct rk_handshake_outcome *outcome = run->outcome;
    struct rk_handshake_flight *flight = outcome->flights > 0 ? &outcome->flight[outcome->flights - 1] : NULL;
    if (flight == NULL || flight->from != from) {
        if (outcome->flights == RK_HANDSHAKE_FLIGHTS_MAX) {
            return;
        }
        flight = &outcome->flight[outcome->flights++];
        flight->from = from;
    }
    flight->bytes = (uint16_t)(flight->bytes + message->bytes);
    flight->datagrams++;
    rki_handshake_parts(flight, rki_is_datagrams(run->request->protocol), message, &run->hidden[from]);
}

/* Delivers what one side sent to the other. */
static enum rk_err deliver(struct run *run, uint8_t from, struct rk_diag *diag)
{
    struct rki_messages *sent = &run->sent[from];
    struct side *to = from == RK_HANDSHAKE_CLIENT ? run->server : run->client;
    enum rk_err err = RK_OK;
    for (unsigned i = 0; i < sent->count && !err; i++) {
        note_flight(run, from, &sent->message[i]);
        if (to == NULL) {
            err = rki_openssl_send(run->openssl, &sent->message[i], diag);
        } else if (!step(run, to, !from, &sent->message[i])) {
            return RK_ERR_CHECK;
        }
    }
    sent->count = 0;
    return err;
}

static enum rk_err begin(struct run *run)
{
    const uint8_t protocol = run->request->protocol, auth = run->request->auth, seed = run->request->seed;
    int told;
    for (uint8_t role = 0; role < 2; role++) {
        const uint8_t setup[4] = {role, protocol, auth, (uint8_t)(seed + role)};
        struct side *side = role == RK_HANDSHAKE_CLIENT ? run->client : run->server;
        if (side != NULL && !ask(run, side, RK_HANDSHAKE_BEGIN, setup, sizeof setup, &told)) {
            return RK_ERR_CHECK;
        }
        if (side != NULL) {
            note_cost(run, side, 0, 0);
        }
    }
    return RK_OK;
}

/* Until both are done, or with OpenSSL the client is: that the server is, its answer to the client's text shows. */
static enum rk_err shake(struct run *run, struct rk_diag *diag)
{
    enum { TURNS_MAX = 32 };
    if (!step(run, run->client, RK_HANDSHAKE_CLIENT, NULL)) {
        return RK_ERR_CHECK;
    }
    for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
        enum rk_err err = deliver(run, RK_HANDSHAKE_CLIENT, diag);
        if (!err && run->client->done && (run->server == NULL || run->server->done) &&
            run->sent[RK_HANDSHAKE_SERVER].count == 0) {
            return RK_OK;
        }
        if (!err && run->server == NULL) {
            err = rki_openssl_receive(run->openssl, &run->sent[RK_HANDSHAKE_SERVER], diag);
        }
        err = err ? err : deliver(run, RK_HANDSHAKE_SERVER, diag);
        if (err) {
            return err;
        }
    }
    set_status(run, "failed: ", "neither side is done");
    return RK_ERR_CHECK;
}

/* A side's record with its text; then in sent[role]. */
static bool write_text(struct run *run, struct side *side, uint8_t role)
{
    int told;
    size_t bytes;
    return ask(run, side, RK_HANDSHAKE_WRITE, text_of[role], RK_HANDSHAKE_TEXT_bytes, &told) &&
           collect(run, side, role, 1, &bytes);
}

/* Does `side` find the text of `from` in what was sent? What is no text (a ticket) it takes, too. */
static bool read_text(struct run *run, struct side *side, uint8_t from)
{
    const uint8_t *value;
    uint16_t length;
    for (unsigned i = 0; i < run->sent[from].count; i++) {
        const struct rki_message *message = &run->sent[from].message[i];
        int told;
        if (!ask(run, side, RK_HANDSHAKE_READ, message->data, message->bytes, &told)) {
            return false;
        }
        if (told == RK_HANDSHAKE_DONE && rk_call_field(&side->call, 1, &value, &length) &&
            length == RK_HANDSHAKE_TEXT_bytes && memcmp(value, text_of[from], length) == 0) {
            run->outcome->record_bytes[from] = message->bytes;
            return true;
        }
    }
    set_status(run, "failed: ", "the text in a record did not arrive");
    return false;
}

/* A text each way. */
static enum rk_err talk(struct run *run, struct rk_diag *diag)
{
    struct rki_messages *by_client = &run->sent[RK_HANDSHAKE_CLIENT], *by_server = &run->sent[RK_HANDSHAKE_SERVER];
    enum rk_err err = RK_OK;
    if (!write_text(run, run->client, RK_HANDSHAKE_CLIENT)) {
        return RK_ERR_CHECK;
    }
    if (run->server != NULL) {
        bool both = read_text(run, run->server, RK_HANDSHAKE_CLIENT) &&
                    write_text(run, run->server, RK_HANDSHAKE_SERVER) &&
                    read_text(run, run->client, RK_HANDSHAKE_SERVER);
        return both ? RK_OK : RK_ERR_CHECK;
    }
    for (unsigned i = 0; i < by_client->count && !err; i++) {
        err = rki_openssl_send(run->openssl, &by_client->message[i], diag);
        run->outcome->record_bytes[RK_HANDSHAKE_CLIENT] = by_client->message[i].bytes;
    }
    err = err ? err : rki_openssl_talk(run->openssl, text_of[RK_HANDSHAKE_CLIENT], text_of[RK_HANDSHAKE_SERVER], diag);
    by_server->count = 0;
    err = err ? err : rki_openssl_receive(run->openssl, by_server, diag);
    return err ? err : read_text(run, run->client, RK_HANDSHAKE_SERVER) ? RK_OK : RK_ERR_CHECK;
}

/* Counts of each side that runs our program, and whether they hold the same keys. Before the texts, whose records would
 * count. */
static enum rk_err compare(struct run *run)
{
    struct side *const sides[2] = {run->client, run->server};
    uint8_t keys[2][RK_HANDSHAKE_KEYS_bytes];
    for (unsigned role = 0; role < 2 && sides[role] != NULL; role++) {
        const uint8_t *value;
        uint16_t length;
        int told;
        if (!ask(run, sides[role], RK_HANDSHAKE_KEYS, NULL, 0, &told) ||
            !rk_call_field(&sides[role]->call, 1, &value, &length) || length != sizeof keys[role]) {
            return RK_ERR_CHECK;
        }
        memcpy(keys[role], value, length);
        if (!rk_call_field(&sides[role]->call, 2, &value, &length) || length != 2 * RK_HANDSHAKE_COUNTS) {
            return RK_ERR_CHECK;
        }
        for (unsigned i = 0; i < RK_HANDSHAKE_COUNTS; i++) {
            run->outcome->count[role][i] = (uint16_t)((value[2 * i] | value[2 * i + 1] << 8) - run->before[role][i]);
        }
    }
    if (run->server != NULL) {
        run->outcome->compared_keys = true;
        run->outcome->same_keys = memcmp(keys[0], keys[1], sizeof keys[0]) == 0;
        if (!run->outcome->same_keys) {
            set_status(run, "failed: ", "the sides hold different keys");
            return RK_ERR_CHECK;
        }
    }
    return RK_OK;
}

static enum rk_err open_sides(struct run *run, struct rk_diag *diag)
{
    const struct rk_handshake_request *request = run->request;
    struct rk_handshake_outcome *outcome = run->outcome;
    struct rk_firmware_sizes sizes;
    enum rk_err err = open_side(run->client, request->device, request->backend, diag);
    if (!err && run->server != NULL) {
        err = open_side(run->server, "host", request->backend, diag);
    }
    if (err) {
        return err;
    }
    snprintf(outcome->version, sizeof outcome->version, "%s", run->client->firmware.version);
    if (run->client->emulator == NULL) {
        set_status(run, run->client->firmware.program.reason, "");
        return RK_ERR_CHECK;
    }
    err = rk_firmware_measure(run->client->firmware.program.path, &sizes, diag);
    outcome->flash_bytes = sizes.flash_bytes;
    outcome->ram_static_bytes = sizes.ram_static_bytes;
    if (run->server != NULL) {
        snprintf(outcome->peer_version, sizeof outcome->peer_version, "%.20s %.16s", run->server->firmware.backend,
                 run->server->firmware.version);
    }
    return err;
}

/* What went before gives way to the figures of what follows. */
static void forget(struct run *run)
{
    struct rk_handshake_outcome *outcome = run->outcome;
    outcome->flights = outcome->steps = 0;
    outcome->cycles = 0;
    memset(outcome->flight, 0, sizeof outcome->flight);
    memset(outcome->step, 0, sizeof outcome->step);
    run->sent[0].count = run->sent[1].count = 0;
}

/* The second session, from the first. */
static enum rk_err resume(struct run *run, struct rk_diag *diag)
{
    struct side *const sides[2] = {run->client, run->server};
    forget(run);
    for (unsigned role = 0; role < 2 && sides[role] != NULL; role++) {
        int told;
        run->hidden[role] = false;
        sides[role]->done = false;
        if (!ask(run, sides[role], RK_HANDSHAKE_AGAIN, NULL, 0, &told)) {
            return RK_ERR_CHECK;
        }
        note_cost(run, sides[role], 0, 0);
    }
    return shake(run, diag);
}

/* New traffic keys: the client asks, and both go on until nobody has anything to send. */
static enum rk_err update(struct run *run, struct rk_diag *diag)
{
    int told;
    size_t bytes;
    enum rk_err err = compare(run);
    if (err) {
        return err;
    }
    memcpy(run->before, run->outcome->count, sizeof run->before);
    forget(run);
    if (!ask(run, run->client, RK_HANDSHAKE_UPDATE, NULL, 0, &told) ||
        !collect(run, run->client, RK_HANDSHAKE_CLIENT, 1, &bytes)) {
        return RK_ERR_CHECK;
    }
    note_cost(run, run->client, 0, bytes);
    while (!err && run->sent[RK_HANDSHAKE_CLIENT].count > 0) {
        err = deliver(run, RK_HANDSHAKE_CLIENT, diag);
        err = err ? err : deliver(run, RK_HANDSHAKE_SERVER, diag);
    }
    return err;
}

/* out: why such a run cannot be, whatever the library; NULL when it can. */
static const char *why_not(const struct rk_handshake_request *request)
{
    const bool is_13 = request->protocol == RK_DTLS13 || request->protocol == RK_TLS13;
    if (request->auth == RK_AUTH_KEY_UPDATE && !is_13) {
        return "not provided by the protocol";
    }
    if (request->openssl && (request->protocol == RK_DTLS13 || request->auth == RK_AUTH_RAW_KEY)) {
        return "not provided by OpenSSL 3.0";
    }
    if (request->openssl && request->auth > RK_AUTH_RAW_KEY) {
        return "with the library itself only: --peer self";
    }
    return NULL;
}

enum rk_err rk_handshake_run(const struct rk_handshake_request *request, struct rk_handshake_outcome *outcome,
                             struct rk_diag *diag)
{
    struct run *run = calloc(1, sizeof *run);
    struct side *client = calloc(1, sizeof *client);
    struct side *server = request->openssl ? NULL : calloc(1, sizeof *server);
    memset(outcome, 0, sizeof *outcome);
    if (run == NULL || client == NULL || (server == NULL && !request->openssl)) {
        free(run);
        free(client);
        free(server);
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for a handshake");
    }
    *run = (struct run){.request = request, .outcome = outcome, .client = client, .server = server};
    enum rk_err err = open_sides(run, diag);
    const char *why = err ? NULL : why_not(request);
    if (why != NULL) {
        set_status(run, why, "");
        err = RK_ERR_CHECK;
    }
    if (!err && request->openssl) {
        err = rki_openssl_start(&run->openssl, request, outcome->peer_version, diag);
    }
    run->goes_on = request->auth == RK_AUTH_RESUMPTION || request->auth == RK_AUTH_KEY_UPDATE;
    err = err ? err : begin(run);
    err = err ? err : shake(run, diag);
    if (!err && run->goes_on) {
        err = talk(run, diag);
        err = err ? err : request->auth == RK_AUTH_RESUMPTION ? resume(run, diag) : update(run, diag);
    }
    err = err ? err : compare(run);
    err = err ? err : talk(run, diag);
    rki_openssl_stop(run->openssl);
    close_side(run->client);
    close_side(run->server);
    if (!err) {
        set_status(run, "ok", "");
    } else if (err == RK_ERR_CHECK && outcome->status[0] == '\0') {
        snprintf(outcome->status, sizeof outcome->status, "failed: %.80s", diag != NULL ? diag->text : "");
    }
    free(run);
    return err == RK_ERR_CHECK ? RK_OK : err;
}
