/* bench/handshake_parts.c - what a flight is made of: records, messages, and the extensions of hellos
 *
 * Source: RFC 5246 6.2 and 7.4, RFC 6347 4.1 and 4.2.2, RFC 8446 4 and 5, IANA's registry of extension types.
 */
#include <stdio.h>
#include <string.h>

#include "bench/handshake_internal.h"

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION = 23 };
enum {
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    HELLO_VERIFY_REQUEST = 3,
    NEW_SESSION_TICKET = 4,
    CERTIFICATE = 11,
    SERVER_KEY_EXCHANGE = 12,
    CERTIFICATE_REQUEST = 13,
    CERTIFICATE_VERIFY = 15,
    CLIENT_KEY_EXCHANGE = 16
};

struct name {
    uint16_t number;
    const char *name;
};

static const struct name messages[] = {
    {1, "ClientHello"},         {2, "ServerHello"},        {3, "HelloVerifyRequest"}, {4, "NewSessionTicket"},
    {8, "EncryptedExtensions"}, {11, "Certificate"},       {12, "ServerKeyExchange"}, {13, "CertificateRequest"},
    {14, "ServerHelloDone"},    {15, "CertificateVerify"}, {16, "ClientKeyExchange"}, {20, "Finished"},
};

static const struct name extensions[] = {
    {0, "server_name"},
    {1, "max_fragment_length"},
    {10, "supported_groups"},
    {11, "ec_point_formats"},
    {13, "signature_algorithms"},
    {16, "alpn"},
    {19, "client_certificate_type"},
    {20, "server_certificate_type"},
    {22, "encrypt_then_mac"},
    {23, "extended_master_secret"},
    {28, "record_size_limit"},
    {35, "session_ticket"},
    {41, "pre_shared_key"},
    {43, "supported_versions"},
    {44, "cookie"},
    {45, "psk_key_exchange_modes"},
    {50, "signature_algorithms_cert"},
    {51, "key_share"},
    {54, "connection_id"},
    {0xff01, "renegotiation_info"},
};

static void add(struct rk_handshake_flight *flight, uint8_t level, const struct name *names, size_t count,
                const char *kind, unsigned number, size_t bytes)
{
    if (flight->parts == RK_HANDSHAKE_PARTS_MAX) {
        return;
    }
    struct rk_handshake_part *part = &flight->part[flight->parts++];
    part->level = level;
    part->bytes = (uint16_t)bytes;
    snprintf(part->name, sizeof part->name, "%s %u", kind, number);
    for (size_t i = 0; i < count; i++) {
        if (names[i].number == number) {
            snprintf(part->name, sizeof part->name, "%s", names[i].name);
        }
    }
}

static unsigned big16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static void put(struct rk_handshake_flight *flight, uint8_t level, const char *name, size_t bytes)
{
    if (bytes > 0 && flight->parts < RK_HANDSHAKE_PARTS_MAX) {
        struct rk_handshake_part *part = &flight->part[flight->parts++];
        part->level = level;
        part->bytes = (uint16_t)bytes;
        snprintf(part->name, sizeof part->name, "%s", name);
    }
}

/* A message's body, from its first field that is not yet named. */
struct body {
    struct rk_handshake_flight *flight;
    const uint8_t *at;
    size_t left;
};

static void take(struct body *body, const char *name, size_t bytes)
{
    bytes = bytes < body->left ? bytes : body->left;
    put(body->flight, 2, name, bytes);
    body->at += bytes;
    body->left -= bytes;
}

/* A field that ends in a list: bytes before its length, and of the length. */
static void take_list(struct body *body, const char *name, size_t before, unsigned length_bytes)
{
    size_t length = 0;
    for (unsigned i = 0; i < length_bytes && before + i < body->left; i++) {
        length = length << 8 | body->at[before + i];
    }
    bool is_whole = before + length_bytes + length <= body->left;
    take(body, is_whole ? name : "not parsed", before + length_bytes + length);
}

static void take_extensions(struct body *body)
{
    take(body, "length of extensions", 2);
    while (body->left >= 4) {
        size_t length = 4 + (size_t)big16(body->at + 2);
        length = length <= body->left ? length : body->left;
        add(body->flight, 2, extensions, sizeof extensions / sizeof extensions[0], "extension", big16(body->at),
            length);
        body->at += length;
        body->left -= length;
    }
}

static void take_hello(struct body *body, bool is_client, bool datagrams)
{
    take(body, "version, random", 34);
    take_list(body, "session id", 0, 1);
    if (is_client && datagrams) {
        take_list(body, "cookie", 0, 1);
    }
    if (is_client) {
        take_list(body, "cipher suites", 0, 2);
        take_list(body, "compression", 0, 1);
    } else {
        take(body, "cipher suites", 2);
        take(body, "compression", 1);
    }
    take_extensions(body);
}

static void take_fields(struct body *body, unsigned type, bool datagrams)
{
    switch (type) {
    case CLIENT_HELLO:
    case SERVER_HELLO:
        take_hello(body, type == CLIENT_HELLO, datagrams);
        break;
    case HELLO_VERIFY_REQUEST:
        take(body, "server version", 2);
        take_list(body, "cookie", 0, 1);
        break;
    case NEW_SESSION_TICKET:
        take(body, "ticket", body->left);
        break;
    case CERTIFICATE: /* RFC 7250 3: a raw public key, a sequence, stands where a list of certificates would begin */
        if (body->left > 3 && body->at[3] == 0x30) {
            take_list(body, "raw public key", 0, 3);
            break;
        }
        take(body, "length of certificates", 3);
        while (body->left > 0) {
            take_list(body, "certificate", 0, 3);
        }
        break;
    case SERVER_KEY_EXCHANGE: /* a hint; a named curve (RFC 8422 5.4) and a point; a signature */
        if (body->left > 0 && body->at[0] != 3) {
            take_list(body, "hint", 0, 2);
        }
        if (body->left > 0) {
            take_list(body, "server's point", 3, 1);
        }
        if (body->left > 0) {
            take_list(body, "signature", 2, 2);
        }
        break;
    case CLIENT_KEY_EXCHANGE: /* an identity; a point */
        if (body->left > 0 && body->at[0] + 1u != body->left) {
            take_list(body, "identity", 0, 2);
        }
        if (body->left > 0) {
            take_list(body, "client's point", 0, 1);
        }
        break;
    case CERTIFICATE_REQUEST:
        take_list(body, "certificate types", 0, 1);
        take_list(body, "signature schemes", 0, 2);
        take_list(body, "authorities", 0, 2);
        break;
    case CERTIFICATE_VERIFY:
        take_list(body, "signature", 2, 2);
        break;
    default:
        break;
    }
    take(body, "not parsed", body->left);
}

/* in: the content of a record. */
static void add_messages(struct rk_handshake_flight *flight, const uint8_t *at, size_t bytes, bool datagrams)
{
    static const uint8_t again[4] = {0xcf, 0x21, 0xad,
                                     0x74}; /* RFC 8446 4.1.3: a HelloRetryRequest's random begins so */
    const size_t header = datagrams ? 12 : 4;
    for (size_t from = 0; from + header <= bytes;) {
        size_t length = header + ((size_t)at[from + 1] << 16 | big16(at + from + 2));
        const size_t whole = length;
        if (datagrams) {
            length = header + ((size_t)at[from + 9] << 16 | big16(at + from + 10)); /* of this fragment */
        }
        if (length > bytes - from) {
            return;
        }
        unsigned type = at[from];
        struct body body = {flight, at + from + header, length - header};
        add(flight, 1, messages, sizeof messages / sizeof messages[0], "message", type, length);
        if (type == SERVER_HELLO && body.left > 6 && memcmp(body.at + 2, again, sizeof again) == 0 &&
            flight->parts > 0) {
            snprintf(flight->part[flight->parts - 1].name, sizeof flight->part[0].name, "HelloRetryRequest");
        }
        take_fields(&body, length == whole ? type : 0, datagrams);
        from += length;
    }
}

/* What an encrypted record of 1.3 holds: messages, a byte of their type, a tag. */
static void add_hidden(struct rk_handshake_flight *flight, size_t bytes)
{
    enum { END_bytes = 1 + 8 };
    if (bytes > END_bytes) {
        put(flight, 1, RKI_HIDDEN, bytes - END_bytes);
        put(flight, 1, RKI_TAG, END_bytes);
    }
}

void rki_handshake_parts(struct rk_handshake_flight *flight, bool datagrams, const struct rki_message *message,
                         bool *hidden)
{
    static const struct name types[] = {{CHANGE_CIPHER_SPEC, "record ChangeCipherSpec"},
                                        {ALERT, "record Alert"},
                                        {HANDSHAKE, "record Handshake"},
                                        {APPLICATION, "record ApplicationData"}};
    const size_t header = datagrams ? 13 : 5;
    const uint8_t *at = message->data;
    size_t left = message->bytes;
    while (left >= header) {
        if (datagrams && at[0] >= 0x20 &&
            at[0] < 0x40) { /* the unified header of DTLS 1.3: to the end, or with a length */
            size_t own = 1 + ((at[0] & 8) != 0 ? 2u : 1u);
            size_t length = (at[0] & 4) != 0 && left >= own + 2 ? own + 2 + big16(at + own) : left;
            add(flight, 0, NULL, 0, "record, encrypted, epoch", at[0] & 3u, length <= left ? length : left);
            add_hidden(flight, (length <= left ? length : left) - own - ((at[0] & 4) != 0 ? 2u : 0u));
            at += length <= left ? length : left;
            left -= length <= left ? length : left;
            continue;
        }
        size_t length = header + big16(at + header - 2);
        if (length > left) {
            return;
        }
        bool encrypted = *hidden || (datagrams && big16(at + 3) > 0);
        add(flight, 0, types, sizeof types / sizeof types[0], "record", at[0], length);
        if (at[0] == HANDSHAKE && !encrypted) {
            add_messages(flight, at + header, length - header, datagrams);
        } else if (encrypted && flight->parts > 0) {
            struct rk_handshake_part *part = &flight->part[flight->parts - 1];
            size_t used = strlen(part->name);
            snprintf(part->name + used, sizeof part->name - used, ", encrypted");
        }
        if (at[0] == APPLICATION) {
            add_hidden(flight, length - header);
        }
        *hidden |= at[0] == CHANGE_CIPHER_SPEC;
        at += length;
        left -= length;
    }
}

bool rki_messages_add(struct rki_messages *messages_, const uint8_t *data, size_t bytes)
{
    if (messages_->count == RKI_MESSAGES_MAX || bytes > RKI_MESSAGE_MAX_bytes) {
        return false;
    }
    struct rki_message *message = &messages_->message[messages_->count++];
    message->bytes = (uint16_t)bytes;
    memcpy(message->data, data, bytes);
    return true;
}

size_t rki_messages_add_records(struct rki_messages *messages_, const uint8_t *data, size_t bytes)
{
    size_t done = 0;
    while (bytes - done >= 5 && bytes - done >= 5 + (size_t)big16(data + done + 3)) {
        size_t length = 5 + (size_t)big16(data + done + 3);
        if (!rki_messages_add(messages_, data + done, length)) {
            return done;
        }
        done += length;
    }
    return done;
}
