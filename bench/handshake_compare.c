/* bench/handshake_compare.c - sums both sides by field, and names what differs */
#include "bench/handshake_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation.h"
#include "bench/handshake_internal.h"

enum { FIELDS_MAX = 64, HIDDEN_MAX = 8, TAG_bytes = 8, PADDED_bytes = 16 };

struct field {
    const char *name;
    int32_t real_bytes, file_bytes;
};

struct sums {
    bool datagrams;
    unsigned fields, real_hidden, file_hidden;
    struct field field[FIELDS_MAX];
    int32_t real_hidden_bytes[HIDDEN_MAX], file_hidden_bytes[HIDDEN_MAX]; /* content of records; messages */
};

const char *rk_handshake_file(uint8_t protocol, uint8_t auth, const char **why)
{
    static const char *const files[RK_HANDSHAKE_PROTOCOLS][RK_HANDSHAKE_AUTHS] = {
        [RK_DTLS12] = {"dtls12_psk", "dtls12_ecdhe_psk", "dtls12_ecdhe_ecdsa_x509", "dtls12_ecdhe_ecdsa_rpk",
                       "dtls12_resumption"},
        [RK_DTLS13] = {"dtls13_psk", "dtls13_psk_ecdhe", NULL, NULL, "dtls13_psk_ecdhe", "dtls13_key_update"},
        [RK_TLS13] = {"tls13_psk", "tls13_psk_ecdhe", NULL, NULL, "tls13_psk_ecdhe", "tls13_key_update"},
    };
    *why = protocol == RK_TLS12      ? "the file of TLS 1.2 is a web server's with RSA"
           : auth == RK_AUTH_RAW_KEY ? "the files of 1.3 give whole flights, of which most is encrypted"
                                     : "the files of 1.3 have raw public keys, not certificates";
    return files[protocol][auth];
}

static struct field *field_of(struct sums *sums, const char *name)
{
    for (unsigned i = 0; i < sums->fields; i++) {
        if (strcmp(sums->field[i].name, name) == 0) {
            return &sums->field[i];
        }
    }
    if (sums->fields == FIELDS_MAX) {
        return NULL;
    }
    sums->field[sums->fields] = (struct field){.name = name};
    return &sums->field[sums->fields++];
}

static void add_real(struct sums *sums, const char *name, int32_t bytes)
{
    struct field *field = field_of(sums, name);
    if (field != NULL) {
        field->real_bytes += bytes;
    }
}

static void add_file(struct sums *sums, const char *name, int32_t bytes)
{
    struct field *field = field_of(sums, name);
    if (field != NULL) {
        field->file_bytes += bytes;
    }
}

/* What a part has itself, without what is below it. */
static int32_t own_bytes(const struct rk_handshake_flight *flight, unsigned part, bool *is_leaf)
{
    int32_t bytes = flight->part[part].bytes;
    unsigned level = flight->part[part].level;
    *is_leaf = true;
    for (unsigned i = part + 1; i < flight->parts && flight->part[i].level > level; i++) {
        *is_leaf = false;
        bytes -= flight->part[i].level == level + 1 ? flight->part[i].bytes : 0;
    }
    return bytes;
}

static void sum_real(struct sums *sums, const struct rk_handshake_flight *flight)
{
    for (unsigned i = 0; i < flight->parts; i++) {
        const struct rk_handshake_part *part = &flight->part[i];
        bool is_leaf;
        int32_t own = own_bytes(flight, i, &is_leaf);
        bool is_hidden = strcmp(part->name, RKI_HIDDEN) == 0;
        if (is_hidden && sums->real_hidden < HIDDEN_MAX) {
            sums->real_hidden_bytes[sums->real_hidden++] = own;
        }
        if (part->level == 0) {
            add_real(sums, is_leaf ? part->name : "record headers", own);
        } else if (part->level == 1 && !is_hidden && strcmp(part->name, RKI_TAG) != 0) {
            add_real(sums, "message headers", own);
        } else {
            add_real(sums, part->name, own);
        }
    }
}

/* The number after a word, or -1. */
static int32_t number_after(const char *text, const char *word)
{
    const char *at = strstr(text, word);
    return at != NULL ? (int32_t)strtol(at + strlen(word), NULL, 10) : -1;
}

static void add_message(struct sums *sums)
{
    add_file(sums, "record headers", sums->datagrams ? 13 : 5);
    add_file(sums, "message headers", sums->datagrams ? 12 : 4);
}

/* A part of a file of 1.2, by what its text names. cookie_bytes: of the server's, as the file says. */
static void sum_part(struct sums *sums, const char *flight, const char *text, int32_t cookie_bytes)
{
    static const struct {
        const char *word, *field;
        uint8_t bytes;
        bool has_number; /* behind the word: so many more */
    } words[] = {
        {"version, random", "version, random", 34, false},
        {"empty session id", "session id", 1, false},
        {"session id of ", "session id", 1, true},
        {"version and cookie of ", "server version", 2, false},
        {"version and cookie of ", "cookie", 1, true},
        {"one cipher suite", "cipher suites", 4, false},
        {"null compression", "compression", 2, false},
        {"extensions: ", "length of extensions", 2, false},
        {"groups", "supported_groups", 8, false},
        {"point formats", "ec_point_formats", 6, false},
        {"signature algorithms", "signature_algorithms", 8, false},
        {"raw public key of ", "raw public key", 3, true},
        {"no hint", "hint", 2, false},
        {"identity of ", "identity", 2, true},
        {"signature of ", "signature", 4, true},
    };
    if (strcmp(text, "cookie") == 0) {
        add_file(sums, "cookie", 1 + (strstr(flight, "with the cookie") != NULL ? cookie_bytes : 0));
        return;
    }
    if (strcmp(text, "ChangeCipherSpec") == 0) {
        add_file(sums, "record ChangeCipherSpec", 14);
        return;
    }
    if (strncmp(text, "Finished, ", 10) == 0) { /* 12 of RFC 5246 7.4.9; CBC: IV, HMAC, padding to a block */
        bool is_ccm = strstr(text, "AES-CCM with a tag of 8 B") != NULL;
        int32_t message = 12 + 12;
        add_file(sums, "record Handshake, encrypted",
                 13 + (is_ccm ? 8 + message + TAG_bytes : 16 + (message + 32) / 16 * 16 + 16));
        return;
    }
    if (strstr(text, "headers") != NULL) {
        add_message(sums);
    }
    if (strncmp(text, "ServerHello ", 12) == 0) {
        add_file(sums, "version, random", 34);
        add_file(sums, "cipher suites", 2);
        add_file(sums, "compression", 1);
    }
    if (strstr(text, "P-256") != NULL) {
        bool is_server = strncmp(text, "Server", 6) == 0;
        add_file(sums, is_server ? "server's point" : "client's point", is_server ? 69 : 66);
    }
    if (strstr(text, "two certificate types") != NULL) { /* RFC 7250 3: a client's are lists */
        uint8_t bytes = strncmp(text, "its", 3) == 0 ? 5 : 6;
        add_file(sums, "client_certificate_type", bytes);
        add_file(sums, "server_certificate_type", bytes);
    }
    if (strncmp(text, "CertificateRequest", 18) == 0) {
        add_file(sums, "certificate types", 2);
        add_file(sums, "signature schemes", 4);
        add_file(sums, "authorities", 2);
    }
    int32_t certificates = number_after(text, "Certificate: ");
    if (certificates > 0) {
        add_file(sums, "length of certificates", 3);
        add_file(sums, "certificate", certificates * (3 + number_after(text, " of ")));
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr(text, words[i].word) != NULL) {
            add_file(sums, words[i].field,
                     words[i].bytes + (words[i].has_number ? number_after(text, words[i].word) : 0));
        }
    }
}

static void sum_12(struct sums *sums, const struct rk_protocol *file, unsigned flight)
{
    const struct rk_protocol_flight *at = &file->flight[flight];
    int32_t cookie_bytes = 0;
    for (unsigned i = 0; i < flight; i++) {
        for (size_t part = 0; part < file->flight[i].parts; part++) {
            int32_t said = number_after(file->flight[i].part[part].what, "cookie of ");
            cookie_bytes = said > 0 ? said : cookie_bytes;
        }
    }
    for (size_t part = 0; part < at->parts; part++) {
        sum_part(sums, at->what, at->part[part].what, cookie_bytes);
    }
}

/* A file of 1.3 gives whole flights, `about` what they hold: a shared key, no extension that can be left out, one
 * encrypted record a flight. */
static void sum_13(struct sums *sums, const struct rk_protocol *file, unsigned flight)
{
    const bool has_point = strstr(file->about, "P-256") != NULL;
    if (flight < 2) {
        int32_t identity = number_after(file->about, "identity of ");
        add_message(sums);
        add_file(sums, "version, random", 34);
        add_file(sums, "session id", 1);
        add_file(sums, "cookie", flight == 0 && sums->datagrams ? 1 : 0);
        add_file(sums, "cipher suites", flight == 0 ? 4 : 2);
        add_file(sums, "compression", flight == 0 ? 2 : 1);
        add_file(sums, "length of extensions", 2);
        add_file(sums, "supported_versions", flight == 0 ? 7 : 6);
        add_file(sums, "psk_key_exchange_modes", flight == 0 ? 6 : 0);
        add_file(sums, "pre_shared_key", flight == 0 ? 4 + 2 + 2 + (identity > 0 ? identity : 1) + 4 + 2 + 33 : 6);
        add_file(sums, "supported_groups", flight == 0 && has_point ? 8 : 0);
        add_file(sums, "key_share", has_point ? flight == 0 ? 75 : 73 : 0);
    }
    if (flight > 0) {
        const int32_t header = sums->datagrams ? 12 : 4, finished = header + 32, extensions = header + 2;
        add_file(sums, "record headers", sums->datagrams ? 2 : 5); /* RFC 9147 4: no length, number of 8 bits */
        add_file(sums, RKI_TAG, 1 + TAG_bytes);
        add_file(sums, RKI_HIDDEN, finished + (flight == 1 ? extensions : 0));
        if (flight == 1) {
            sums->file_hidden_bytes[sums->file_hidden++] = extensions;
        }
        sums->file_hidden_bytes[sums->file_hidden++] = finished;
    }
}

/* A KeyUpdate, an acknowledgement of one record, or both: each in a record of its own. */
static void sum_update(struct sums *sums, const struct rk_protocol *file, unsigned flight)
{
    const struct rk_protocol_flight *at = &file->flight[flight];
    for (size_t part = 0; part < at->parts; part++) {
        const bool is_acknowledgement = strncmp(at->part[part].what, "ACK", 3) == 0;
        add_file(sums, "record headers", sums->datagrams ? 2 : 5);
        add_file(sums, RKI_TAG, 1 + TAG_bytes);
        add_file(sums, RKI_HIDDEN, is_acknowledgement ? 2 + 16 : (sums->datagrams ? 12 : 4) + 1);
    }
}

/* Is what a field differs by understood? A field without a name is not, and neither is an encrypted record. */
static bool is_known(const char *name)
{
    static const char *const unknown[] = {"not parsed", "extension ", "message ", RKI_HIDDEN};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        if (strncmp(name, unknown[i], strlen(unknown[i])) == 0) {
            return false;
        }
    }
    return strncmp(name, "record ", 7) != 0 || strcmp(name, "record headers") == 0 ||
           strcmp(name, "record ChangeCipherSpec") == 0;
}

static void add_reason(struct rk_handshake_difference *at, const char *part, int32_t bytes)
{
    if (bytes != 0 && at->reasons < RK_REASONS_MAX) {
        struct rk_handshake_reason *reason = &at->reason[at->reasons++];
        snprintf(reason->part, sizeof reason->part, "%s", part);
        reason->bytes = bytes;
        at->unexplained_bytes -= bytes;
    }
}

/* Zeros behind a message fill its record, with the byte of its type, to a multiple of 16. */
static int32_t padding_of(const struct sums *sums)
{
    int32_t bytes = 0;
    for (unsigned i = 0; i < sums->file_hidden; i++) {
        int32_t more = sums->real_hidden_bytes[i] - sums->file_hidden_bytes[i];
        bool fills = (sums->real_hidden_bytes[i] + 1) % PADDED_bytes == 0 && more > 0 && more < PADDED_bytes;
        if (more != 0 && !fills) {
            return 0;
        }
        bytes += more;
    }
    return sums->real_hidden == sums->file_hidden ? bytes : 0;
}

static void explain(struct rk_handshake_difference *at, const struct sums *sums)
{
    at->unexplained_bytes = at->real_bytes - at->file_bytes;
    for (unsigned i = 0; i < sums->fields; i++) {
        const struct field *field = &sums->field[i];
        if (is_known(field->name)) {
            add_reason(at, field->name, field->real_bytes - field->file_bytes);
        }
    }
    add_reason(at, "padding of encrypted records to 16", padding_of(sums));
}

static bool holds(const struct rk_handshake_flight *flight, const char *name)
{
    for (unsigned i = 0; i < flight->parts; i++) {
        if (strcmp(flight->part[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* RFC 9147 7: a list of record numbers of 16 bytes each. */
static bool is_acknowledgement(const struct rk_handshake_flight *flight)
{
    struct sums sums = {.datagrams = true};
    bool is = true;
    sum_real(&sums, flight);
    for (unsigned i = 0; i < sums.real_hidden; i++) {
        is = is && sums.real_hidden_bytes[i] % 16 == 2;
    }
    return is && sums.real_hidden > 0;
}

static void count_file(const struct rk_protocol *file, uint16_t *count)
{
    for (size_t i = 0; i < file->flights; i++) {
        for (size_t k = 0; k < file->flight[i].device_works; k++) {
            const struct rk_protocol_work *work = &file->flight[i].device[k];
            static const struct {
                uint8_t operation, count;
            } same[] = {{RK_OP_p256_key_pair, RK_COUNT_KEY_PAIR}, {RK_OP_p256_agree, RK_COUNT_AGREE},
                        {RK_OP_ecdsa_p256_sign, RK_COUNT_SIGN},   {RK_OP_ecdsa_p256_verify, RK_COUNT_VERIFY},
                        {RK_OP_aes128_ccm_8_seal, RK_COUNT_SEAL}, {RK_OP_aes128_ccm_8_open, RK_COUNT_OPEN}};
            for (size_t at = 0; at < sizeof same / sizeof same[0]; at++) {
                if (same[at].operation == work->operation) {
                    count[same[at].count] = (uint16_t)(count[same[at].count] + work->count);
                }
            }
        }
    }
}

void rk_handshake_compare(const struct rk_handshake_request *request, const struct rk_handshake_outcome *outcome,
                          const struct rk_protocol *file, struct rk_handshake_comparison *comparison)
{
    const bool is_13 = request->protocol == RK_DTLS13 || request->protocol == RK_TLS13;
    unsigned next = 0; /* of the file */
    *comparison = (struct rk_handshake_comparison){.is_explained = true};
    for (unsigned i = 0; i < outcome->flights; i++) {
        const struct rk_handshake_flight *real = &outcome->flight[i];
        struct rk_handshake_difference *at = &comparison->flight[comparison->flights++];
        *at = (struct rk_handshake_difference){
            .from = real->from, .real_bytes = real->bytes, .unexplained_bytes = real->bytes};
        bool is_asked_again = i + 1 < outcome->flights && holds(&outcome->flight[i + 1], "HelloRetryRequest");
        if (is_13 && (is_asked_again || holds(real, "HelloRetryRequest"))) {
            add_reason(at, "a round with HelloRetryRequest", real->bytes);
        } else if (next < file->flights &&
                   (file->flight[next].from == RK_FROM_SERVER) == (real->from == RK_HANDSHAKE_SERVER)) {
            struct sums sums = {.datagrams = rki_is_datagrams(request->protocol)};
            at->file_bytes = (int32_t)rk_protocol_flight_bytes(file, next);
            sum_real(&sums, real);
            (request->auth == RK_AUTH_KEY_UPDATE ? sum_update : is_13 ? sum_13 : sum_12)(&sums, file, next++);
            explain(at, &sums);
        } else if (request->protocol == RK_DTLS13 && is_acknowledgement(real)) {
            add_reason(at, "acknowledgement", real->bytes);
        } else if (is_13 && request->auth == RK_AUTH_RESUMPTION && real->from == RK_HANDSHAKE_SERVER) {
            add_reason(at, "a new ticket", real->bytes);
        }
        comparison->is_explained &= at->unexplained_bytes == 0;
    }
    for (; next < file->flights && comparison->flights < RK_HANDSHAKE_FLIGHTS_MAX; next++) {
        int32_t bytes = (int32_t)rk_protocol_flight_bytes(file, next);
        comparison->flight[comparison->flights++] = (struct rk_handshake_difference){
            .from = file->flight[next].from == RK_FROM_SERVER, .file_bytes = bytes, .unexplained_bytes = -bytes};
        comparison->is_explained = false;
    }
    count_file(file, comparison->file_count);
}
