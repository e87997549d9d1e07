/* bench/handshake_parts.c - what a flight is made of: records, messages, and the extensions of hellos
 *
 * Source: RFC 5246 6.2 and 7.4, RFC 6347 4.1 and 4.2.2, RFC 8446 4 and 5, IANA's registry of extension types.
 */
#include <stdio.h>
#include <string.h>

#include "bench/handshake_internal.h"

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION = 23 };
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2 };

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

/* Skips a field with a length in front. out: where it ends; `bytes` when it is cut short. */
static size_t skip(const uint8_t *at, size_t bytes, size_t from, unsigned length_bytes)
{
    if (from + length_bytes > bytes) {
        return bytes;
    }
    size_t length = length_bytes == 1 ? at[from] : big16(at + from);
    return from + length_bytes + length <= bytes ? from + length_bytes + length : bytes;
}

/* in: a hello's body. */
static void add_extensions(struct rk_handshake_flight *flight, const uint8_t *at, size_t bytes, unsigned type,
                           bool datagrams)
{
    size_t from = skip(at, bytes, 34, 1); /* version and random; session id */
    if (type == CLIENT_HELLO) {
        from = datagrams ? skip(at, bytes, from, 1) : from; /* cookie */
        from = skip(at, bytes, from, 2);                    /* suites */
        from = skip(at, bytes, from, 1);                    /* compression */
    } else {
        from += 3;
    }
    for (from += 2; from + 4 <= bytes;) {
        size_t length = 4 + big16(at + from + 2);
        add(flight, 2, extensions, sizeof extensions / sizeof extensions[0], "extension", big16(at + from), length);
        from += length;
    }
}

/* in: the content of a record. */
static void add_messages(struct rk_handshake_flight *flight, const uint8_t *at, size_t bytes, bool datagrams)
{
    const size_t header = datagrams ? 12 : 4;
    for (size_t from = 0; from + header <= bytes;) {
        size_t length = header + ((size_t)at[from + 1] << 16 | big16(at + from + 2));
        if (datagrams) {
            length = header + ((size_t)at[from + 9] << 16 | big16(at + from + 10)); /* of this fragment */
        }
        if (length > bytes - from) {
            return;
        }
        add(flight, 1, messages, sizeof messages / sizeof messages[0], "message", at[from], length);
        if (at[from] == CLIENT_HELLO || at[from] == SERVER_HELLO) {
            add_extensions(flight, at + from + header, length - header, at[from], datagrams);
        }
        from += length;
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
