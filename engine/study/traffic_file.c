#include "engine/study/traffic_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/sha256.h"
#include "engine/core/yaml.h"
#include "engine/lifecycle/agent.h"

enum { LINE_bytes = 96, RECORDS_max = 10000000 };

struct reader {
    const char *path;
    struct rk_traffic_record *record; /* heap */
    size_t count, room;
    rk_ns first_ns, last_ns;
    uint16_t longest;
    unsigned line;
    struct rk_diag *diag;
};

/* Digits of a time: seconds, and up to nine decimals. out: how many characters; 0: it is none. */
static size_t parse_time(const char *text, rk_ns *time_ns)
{
    size_t whole = strspn(text, "0123456789"), used = whole;
    uint64_t fraction = 0, unit = RK_S;
    if (text[used] == '.') {
        size_t decimals = strspn(text + used + 1, "0123456789");
        for (size_t i = 0; i < decimals; i++) {
            unit /= 10;
            fraction += unit * (uint64_t)(text[used + 1 + i] - '0');
        }
        used += decimals + 1;
        if (decimals == 0 || decimals > 9) {
            return 0;
        }
    }
    if (whole == 0 || whole > 9) {
        return 0;
    }
    *time_ns = strtoull(text, NULL, 10) * RK_S + fraction;
    return used;
}

static enum rk_err refuse(const struct reader *reader, size_t at, const char *what, const char *expected)
{
    return rk_fail_at(reader->diag, (struct rk_mark){reader->path, reader->line, (unsigned)at + 1}, "%s, expected %s",
                      what, expected);
}

static void append(struct reader *reader, rk_ns time_ns, uint16_t bytes)
{
    if (reader->count == reader->room) {
        reader->room = reader->room == 0 ? 256 : 2 * reader->room;
        reader->record = realloc(reader->record, reader->room * sizeof *reader->record);
        RK_REQUIRE(reader->record != NULL);
    }
    reader->first_ns = reader->count == 0 ? time_ns : reader->first_ns;
    rk_ns before_ns = reader->count == 0 ? time_ns : reader->last_ns;
    reader->record[reader->count++] = (struct rk_traffic_record){.gap_ns = time_ns - before_ns, .bytes = bytes};
    reader->last_ns = time_ns;
    reader->longest = bytes > reader->longest ? bytes : reader->longest;
}

static enum rk_err read_line(struct reader *reader, char *line)
{
    rk_ns time_ns;
    line[strcspn(line, "\r\n")] = '\0';
    if (reader->line == 1) {
        return strcmp(line, "time_s,bytes") == 0 ? RK_OK : refuse(reader, 0, "no header", "'time_s,bytes'");
    }
    size_t used = parse_time(line, &time_ns);
    if (used == 0) {
        return refuse(reader, 0, "no time", "seconds with at most nine decimals");
    }
    if (line[used] != ',') {
        return refuse(reader, used, "no comma", "'time_s,bytes'");
    }
    const char *digits = line + used + 1;
    size_t length = strspn(digits, "0123456789");
    unsigned long bytes = length > 0 && length < 9 ? strtoul(digits, NULL, 10) : 0;
    if (digits[length] != '\0' || bytes == 0 || bytes > RK_TEXT_MAX_bytes) {
        char expected[48];
        snprintf(expected, sizeof expected, "1 to %d bytes", RK_TEXT_MAX_bytes);
        return refuse(reader, used + 1, "no size of a text", expected);
    }
    if (reader->count > 0 && time_ns < reader->last_ns) {
        return refuse(reader, 0, "earlier than the line before", "times in order");
    }
    if (reader->count == RECORDS_max) {
        return refuse(reader, 0, "too many messages", "at most 10000000");
    }
    append(reader, time_ns, (uint16_t)bytes);
    return RK_OK;
}

static enum rk_err read_lines(struct reader *reader, FILE *stream, struct rk_sha256 *hash)
{
    char line[LINE_bytes];
    while (fgets(line, sizeof line, stream) != NULL) {
        size_t length = strlen(line);
        reader->line++;
        rk_sha256_add(hash, line, length);
        if (length == sizeof line - 1 && line[length - 1] != '\n') {
            return refuse(reader, 0, "a line too long", "'time_s,bytes'");
        }
        enum rk_err err = read_line(reader, line);
        if (err != RK_OK) {
            return err;
        }
    }
    if (ferror(stream)) {
        return rk_fail(reader->diag, RK_ERR_IO, "%s: cannot be read", reader->path);
    }
    if (reader->count < 2 || reader->last_ns == reader->first_ns) {
        reader->line += reader->line == 0;
        return refuse(reader, 0, "no gap between messages", "at least two messages at different times");
    }
    return RK_OK;
}

enum rk_err rk_traffic_load(const char *path, struct rk_arena *arena, struct rk_traffic_file *file,
                            struct rk_diag *diag)
{
    struct reader reader = {.path = path, .diag = diag};
    struct rk_sha256 hash;
    uint8_t digest[32];
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: %s, expected a CSV file of a trace", path, strerror(errno));
    }
    rk_sha256_init(&hash);
    enum rk_err err = read_lines(&reader, stream, &hash);
    fclose(stream);
    if (err == RK_OK) {
        struct rk_traffic_record *record = rk_arena_array(arena, reader.count, sizeof *record);
        memcpy(record, reader.record, reader.count * sizeof *record);
        rk_ns period_ns = (reader.last_ns - reader.first_ns) / (reader.count - 1);
        record[0].gap_ns = period_ns;
        *file = (struct rk_traffic_file){
            .record = record, .records = (uint32_t)reader.count, .period_ns = period_ns, .bytes = reader.longest};
        snprintf(file->path, sizeof file->path, "%s", path);
        rk_sha256_finish(&hash, digest);
        rk_sha256_hex(digest, file->sha256);
    }
    free(reader.record);
    return err;
}
