#include "engine/core/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

enum { FILE_MAX_bytes = 1024 * 1024, DEPTH_MAX = 16, MEMBERS_MAX = 4096 };

struct reader {
    const char *path;
    yaml_parser_t parser;
    yaml_event_t event; /* the current one, owned */
    struct rk_arena *arena;
    struct rk_diag *diag;
};

enum rk_err rk_fail_at(struct rk_diag *diag, struct rk_mark mark, const char *format, ...)
{
    char text[sizeof diag->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (mark.line == 0) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: %s", mark.file, text);
    }
    return rk_fail(diag, RK_ERR_INPUT, "%s:%u:%u: %s", mark.file, mark.line, mark.column, text);
}

const char *rk_yaml_kind_name(enum rk_yaml_kind kind)
{
    switch (kind) {
    case RK_YAML_LIST:
        return "a list";
    case RK_YAML_MAP:
        return "a mapping";
    case RK_YAML_SCALAR:
        break;
    }
    return "a single value";
}

static struct rk_mark mark_of(const struct reader *reader, yaml_mark_t mark)
{
    return (struct rk_mark){reader->path, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* Length of the UTF-8 sequence at text, 0 when it is none (overlong forms, surrogates and beyond U+10FFFF included). */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

    for (size_t length = 1; length <= 4; length++) {
        if ((text[0] & forms[length - 1].mask) != forms[length - 1].lead) {
            continue;
        }
        if (length > left) {
            return 0;
        }
        uint32_t point = text[0] & (unsigned char)~forms[length - 1].mask;
        for (size_t i = 1; i < length; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                return 0;
            }
            point = point << 6 | (text[i] & 0x3f);
        }
        bool surrogate = point >= 0xd800 && point <= 0xdfff;
        return point < forms[length - 1].least || point > 0x10ffff || surrogate ? 0 : length;
    }
    return 0;
}

/* The characters that may stand in a file of ours; libyaml accepts more and names positions less well. */
static enum rk_err check_characters(const char *path, const char *text, size_t length, struct rk_diag *diag)
{
    struct rk_mark mark = {path, 1, 1};
    size_t at = 0;
    while (at < length) {
        const unsigned char *c = (const unsigned char *)text + at;
        size_t step = utf8_length(c, length - at);
        if (step == 0) {
            return rk_fail_at(diag, mark, "byte 0x%02x is not UTF-8, expected UTF-8 text", *c);
        }
        if (*c == '\t') {
            return rk_fail_at(diag, mark, "tab character, expected spaces");
        }
        bool control = *c < 0x20 || *c == 0x7f;
        if (control && *c != '\n' && !(*c == '\r' && at + 1 < length && c[1] == '\n')) {
            return rk_fail_at(diag, mark, "control character 0x%02x, expected text", *c);
        }
        at += step;
        mark.column++;
        if (*c == '\n') {
            mark.line++;
            mark.column = 1;
        }
    }
    return RK_OK;
}

/* Moves to the next event. */
static enum rk_err advance(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event)) {
        return RK_OK;
    }
    memset(&reader->event, 0, sizeof reader->event);
    if (reader->parser.error == YAML_MEMORY_ERROR) {
        return rk_fail(reader->diag, RK_ERR_MEMORY, "%s: no memory to read it", reader->path);
    }
    const char *problem = reader->parser.problem == NULL ? "unreadable" : reader->parser.problem;
    return rk_fail_at(reader->diag, mark_of(reader, reader->parser.problem_mark), "%s, expected valid YAML", problem);
}

static enum rk_err read_node(struct reader *reader, unsigned depth, struct rk_yaml **node);

static enum rk_err read_list(struct reader *reader, unsigned depth, struct rk_yaml *list)
{
    struct rk_yaml **tail = &list->first;
    for (;;) {
        enum rk_err err = advance(reader);
        if (err != RK_OK || reader->event.type == YAML_SEQUENCE_END_EVENT) {
            return err;
        }
        err = read_node(reader, depth + 1, tail);
        if (err != RK_OK) {
            return err;
        }
        tail = &(*tail)->next;
        list->count++;
    }
}

static enum rk_err read_key(struct reader *reader, const struct rk_yaml *map, struct rk_yaml *key)
{
    struct rk_mark mark = mark_of(reader, reader->event.start_mark);
    bool scalar = reader->event.type == YAML_SCALAR_EVENT;
    if (!scalar || reader->event.data.scalar.anchor != NULL || reader->event.data.scalar.tag != NULL) {
        return rk_fail_at(reader->diag, mark, "key is not a plain word, expected 'key: value'");
    }
    key->key =
        rk_arena_text(reader->arena, (const char *)reader->event.data.scalar.value, reader->event.data.scalar.length);
    key->key_line = mark.line;
    key->key_column = mark.column;
    const struct rk_yaml *earlier = rk_yaml_get(map, key->key);
    if (earlier != NULL) {
        return rk_fail_at(reader->diag, mark, "key '%.40s' is given twice, expected once (first on line %u)", key->key,
                          earlier->key_line);
    }
    return RK_OK;
}

static enum rk_err read_map(struct reader *reader, unsigned depth, struct rk_yaml *map)
{
    struct rk_yaml **tail = &map->first;
    for (;;) {
        enum rk_err err = advance(reader);
        if (err != RK_OK || reader->event.type == YAML_MAPPING_END_EVENT) {
            return err;
        }
        if (map->count == MEMBERS_MAX) { /* the search for doubles is quadratic */
            return rk_fail_at(reader->diag, mark_of(reader, reader->event.start_mark),
                              "too many keys, expected at most %d", MEMBERS_MAX);
        }
        struct rk_yaml key = {0};
        err = read_key(reader, map, &key);
        if (err == RK_OK) {
            err = advance(reader);
        }
        struct rk_yaml *value = NULL;
        if (err == RK_OK) {
            err = read_node(reader, depth + 1, &value);
        }
        if (err != RK_OK) {
            return err;
        }
        value->key = key.key;
        value->key_line = key.key_line;
        value->key_column = key.key_column;
        *tail = value;
        tail = &value->next;
        map->count++;
    }
}

/* What an event carries beside its content: anchors and tags have no place in a file of ours. */
static enum rk_err check_properties(struct reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct rk_mark mark = mark_of(reader, reader->event.start_mark);
    if (anchor != NULL) {
        return rk_fail_at(reader->diag, mark, "anchor '&%.40s', expected the value written out", (const char *)anchor);
    }
    if (tag != NULL) {
        return rk_fail_at(reader->diag, mark, "tag '%.40s', expected a value without a tag", (const char *)tag);
    }
    return RK_OK;
}

/* Reads the node whose first event is the current one. */
static enum rk_err read_node(struct reader *reader, unsigned depth, struct rk_yaml **node)
{
    const yaml_event_t *event = &reader->event;
    struct rk_mark mark = mark_of(reader, event->start_mark);
    if (depth > DEPTH_MAX) {
        return rk_fail_at(reader->diag, mark, "nested too deep, expected at most %d levels", DEPTH_MAX);
    }
    struct rk_yaml *made = rk_arena_alloc(reader->arena, sizeof *made);
    made->line = mark.line;
    made->column = mark.column;
    enum rk_err err;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        err = check_properties(reader, event->data.scalar.anchor, event->data.scalar.tag);
        made->kind = RK_YAML_SCALAR;
        made->text = rk_arena_text(reader->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
        made->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (err == RK_OK && strlen(made->text) != event->data.scalar.length) {
            err = rk_fail_at(reader->diag, mark, "text holds a zero byte, expected text");
        }
        break;
    case YAML_SEQUENCE_START_EVENT:
        err = check_properties(reader, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        made->kind = RK_YAML_LIST;
        if (err == RK_OK) {
            err = read_list(reader, depth, made);
        }
        break;
    case YAML_MAPPING_START_EVENT:
        err = check_properties(reader, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        made->kind = RK_YAML_MAP;
        if (err == RK_OK) {
            err = read_map(reader, depth, made);
        }
        break;
    default:
        err = rk_fail_at(reader->diag, mark, "alias, expected the value written out");
        break;
    }
    *node = made;
    return err;
}

/* One document and nothing after it. */
static enum rk_err read_stream(struct reader *reader, struct rk_yaml **root)
{
    enum rk_err err = advance(reader); /* start of stream */
    if (err == RK_OK) {
        err = advance(reader);
    }
    if (err != RK_OK) {
        return err;
    }
    if (reader->event.type == YAML_STREAM_END_EVENT) {
        return rk_fail_at(reader->diag, (struct rk_mark){reader->path, 1, 1},
                          "empty file, expected 'key: value' lines");
    }
    bool version = reader->event.data.document_start.version_directive != NULL;
    const yaml_tag_directive_t *tags = reader->event.data.document_start.tag_directives.start;
    if (version || tags != reader->event.data.document_start.tag_directives.end) {
        return rk_fail_at(reader->diag, mark_of(reader, reader->event.start_mark),
                          "directive, expected 'key: value' lines");
    }
    err = advance(reader);
    if (err == RK_OK) {
        err = read_node(reader, 0, root);
    }
    if (err == RK_OK) {
        err = advance(reader); /* end of document */
    }
    if (err == RK_OK) {
        err = advance(reader);
    }
    if (err == RK_OK && reader->event.type != YAML_STREAM_END_EVENT) {
        err = rk_fail_at(reader->diag, mark_of(reader, reader->event.start_mark),
                         "a second document, expected one document a file");
    }
    return err;
}

enum rk_err rk_yaml_load_text(const char *path, const char *text, size_t length, struct rk_arena *arena,
                              struct rk_yaml **root, struct rk_diag *diag)
{
    if (length > FILE_MAX_bytes) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: longer than 1 MiB, expected a small text file", path);
    }
    enum rk_err err = check_characters(path, text, length, diag);
    if (err != RK_OK) {
        return err;
    }
    struct reader reader = {.path = path, .arena = arena, .diag = diag};
    if (!yaml_parser_initialize(&reader.parser)) {
        return rk_fail(diag, RK_ERR_MEMORY, "%s: no memory to read it", path);
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    err = read_stream(&reader, root);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return err;
}

enum rk_err rk_yaml_load_file(const char *path, struct rk_arena *arena, struct rk_yaml **root, struct rk_diag *diag)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a readable file", path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a file", path,
                       S_ISDIR(status.st_mode) ? "is a folder" : "is not a regular file");
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a readable file", path, strerror(errno));
    }
    char *text = rk_arena_alloc(arena, FILE_MAX_bytes + 1);
    size_t length = fread(text, 1, FILE_MAX_bytes + 1, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be read, expected a readable file", path);
    }
    return rk_yaml_load_text(path, text, length, arena, root, diag);
}

const struct rk_yaml *rk_yaml_get(const struct rk_yaml *map, const char *key)
{
    for (const struct rk_yaml *member = map->first; member != NULL; member = member->next) {
        if (strcmp(member->key, key) == 0) {
            return member;
        }
    }
    return NULL;
}

/* A copy of a node and of all below it. */
static struct rk_yaml *copy(struct rk_arena *arena, const struct rk_yaml *node, const char *file)
{
    struct rk_yaml *made = rk_arena_alloc(arena, sizeof *made);
    *made = *node;
    made->file = node->file != NULL ? node->file : file;
    made->next = NULL;
    struct rk_yaml **tail = &made->first;
    for (const struct rk_yaml *member = node->first; member != NULL; member = member->next) {
        *tail = copy(arena, member, file);
        tail = &(*tail)->next;
    }
    return made;
}

struct rk_yaml *rk_yaml_overlay(struct rk_arena *arena, const struct rk_yaml *under, const char *under_file,
                                const struct rk_yaml *over, const char *over_file)
{
    if (under->kind != RK_YAML_MAP || over->kind != RK_YAML_MAP) {
        return copy(arena, over, over_file);
    }
    struct rk_yaml *made = rk_arena_alloc(arena, sizeof *made);
    *made = *over;
    made->file = over->file != NULL ? over->file : over_file;
    made->next = NULL;
    made->count = 0;
    struct rk_yaml **tail = &made->first;
    for (const struct rk_yaml *member = under->first; member != NULL; member = member->next) {
        const struct rk_yaml *above = rk_yaml_get(over, member->key);
        *tail = above != NULL ? rk_yaml_overlay(arena, member, under_file, above, over_file)
                              : copy(arena, member, under_file);
        tail = &(*tail)->next;
        made->count++;
    }
    for (const struct rk_yaml *member = over->first; member != NULL; member = member->next) {
        if (rk_yaml_get(under, member->key) == NULL) {
            *tail = copy(arena, member, over_file);
            tail = &(*tail)->next;
            made->count++;
        }
    }
    return made;
}
