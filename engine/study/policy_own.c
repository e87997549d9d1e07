#include "engine/study/policy_own.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/fields.h"
#include "engine/core/folder.h"
#include "engine/core/program.h"
#include "engine/core/sha256.h"

enum { SOURCE_MAX_bytes = 1 << 16, TEXT_MAX_bytes = 1 << 16, PARAMETERS_max = 8, ARGUMENTS_max = 40 };

/* What decides the object, beside the sources. */
static const char *const flags[] = {
    "-std=c11", "-O2",     "-fPIC",   "-ffreestanding",           "-fno-stack-protector",
    "-Wall",    "-Wextra", "-Werror", "-fdiagnostics-color=never"};
enum { FLAGS = sizeof flags / sizeof flags[0] };

/* A policy's own text, and where things stand in it. */
struct source {
    const char *path;
    char *text;
    size_t bytes;
};

static bool ends(const char *text, const char *suffix)
{
    size_t length = strlen(text), more = strlen(suffix);
    return length > more && strcmp(text + length - more, suffix) == 0;
}

bool rk_policy_own_is_source(const char *path)
{
    return ends(path, ".c");
}

static struct rk_mark mark_of(const struct source *source, const char *at)
{
    struct rk_mark mark = {source->path, 1, 1};
    for (const char *c = source->text; c < at; c++) {
        mark.line += *c == '\n';
        mark.column = *c == '\n' ? 1 : mark.column + 1;
    }
    return mark;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Comments become spaces: what is looked for is code. */
static void blank_comments(char *text)
{
    for (char *at = text; *at != '\0';) {
        bool block = at[0] == '/' && at[1] == '*', line = at[0] == '/' && at[1] == '/';
        const char *end = block ? strstr(at + 2, "*/") : line ? strchr(at, '\n') : at + 1;
        end = end == NULL ? at + strlen(at) : block ? end + 2 : end;
        for (; at < end; at++) {
            *at = block || line ? (*at == '\n' ? '\n' : ' ') : *at;
        }
    }
}

/* out: where a name first stands; the beginning when it does not. */
static const char *find_word(const struct source *source, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(source->text, word); at != NULL; at = strstr(at + 1, word)) {
        if (!in_word(at[length]) && (at == source->text || !in_word(at[-1]))) {
            return at;
        }
    }
    return source->text;
}

static enum rk_err read_source(struct source *source, struct rk_diag *diag)
{
    FILE *file = fopen(source->path, "rb");
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: %s, expected a policy in C or a shared object", source->path,
                       strerror(errno));
    }
    source->text = malloc(SOURCE_MAX_bytes);
    RK_REQUIRE(source->text != NULL);
    source->bytes = fread(source->text, 1, SOURCE_MAX_bytes - 1, file);
    bool whole = ferror(file) == 0 && source->bytes < SOURCE_MAX_bytes - 1;
    fclose(file);
    source->text[source->bytes] = '\0';
    return whole || !rk_policy_own_is_source(source->path)
               ? RK_OK
               : rk_fail(diag, RK_ERR_INPUT, "%s: cannot be read, expected a policy of at most 64 KiB", source->path);
}

/* One file: what it is made of is what the hash names. */
static enum rk_err check_includes(const struct source *source, struct rk_diag *diag)
{
    static const char allowed[] = "engine/lifecycle/";
    for (const char *line = source->text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *at = line + strspn(line, " \t");
        at += *at == '#' ? 1 + strspn(at + 1, " \t") : 0;
        const char *quote = at > line && strncmp(at, "include", 7) == 0 ? at + 7 + strspn(at + 7, " \t") : "";
        if (*quote == '"' && strncmp(quote + 1, allowed, sizeof allowed - 1) != 0) {
            return rk_fail_at(diag, mark_of(source, quote),
                              "includes a file of its own, expected a policy in one file that includes "
                              "\"engine/lifecycle/policy.h\"");
        }
        if (*line == '\0') {
            break;
        }
    }
    return RK_OK;
}

/* in: "NAME=NUMBER NAME=NUMBER". out: "-DNAME=NUMBER" each. */
static enum rk_err split_parameters(const char *parameters, char define[PARAMETERS_max][RK_POLICY_PARAMETERS_bytes + 2],
                                    size_t *count, struct rk_diag *diag)
{
    *count = 0;
    for (const char *at = parameters + strspn(parameters, " "); *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " "), name = 0, digits = 0;
        while (name < length && (isupper((unsigned char)at[name]) || (name > 0 && in_word(at[name])))) {
            name++;
        }
        if (name > 0 && at[name] == '=') {
            digits = strspn(at + name + 1, "0123456789");
        }
        if (digits == 0 || name + 1 + digits != length || *count == PARAMETERS_max) {
            return rk_fail(diag, RK_ERR_INPUT,
                           "parameters: '%.*s', expected at most %d of NAME=NUMBER with spaces between", (int)length,
                           at, PARAMETERS_max);
        }
        snprintf(define[(*count)++], RK_POLICY_PARAMETERS_bytes + 2, "-D%.*s", (int)length, at);
        at += length;
    }
    return RK_OK;
}

/* ---- the cache ---- */

static void add_file(struct rk_sha256 *hash, const char *root, const char *name)
{
    char path[1024], block[4096];
    size_t bytes;
    snprintf(path, sizeof path, "%s/engine/lifecycle/%s", root, name);
    FILE *file = fopen(path, "rb");
    RK_REQUIRE(file != NULL);
    while ((bytes = fread(block, 1, sizeof block, file)) > 0) {
        rk_sha256_add(hash, block, bytes);
    }
    fclose(file);
}

static void hash_source(const char *root, const struct source *source, const char *parameters, char hex[65])
{
    struct rk_sha256 hash;
    uint8_t digest[32];
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, source->text, source->bytes + 1);
    rk_sha256_add(&hash, parameters, strlen(parameters) + 1);
    if (rk_policy_own_is_source(source->path)) {
        add_file(&hash, root, "policy.h");
        add_file(&hash, root, "policy.c");
        add_file(&hash, root, "key.h");
    }
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, hex);
}

static enum rk_err find_cache(const char *root, char *path, size_t bytes, struct rk_diag *diag)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/') {
        snprintf(path, bytes, "%s/rekeylab/policies", cache);
    } else {
        snprintf(path, bytes, "%s/.cache/rekeylab/policies", home != NULL ? home : "");
    }
    if (path[0] == '/' && rk_folder_make(path) && access(path, W_OK) == 0) {
        return RK_OK;
    }
    snprintf(path, bytes, "%s/build/cache/rekeylab/policies", root);
    return rk_folder_make(path) && access(path, W_OK) == 0
               ? RK_OK
               : rk_fail(diag, RK_ERR_IO, "%s: cannot be written to; set XDG_CACHE_HOME to a folder that can", path);
}

/* ---- compiling ---- */

/* cc with what all have in common, and the rest. out: its exit status; what it said in text. */
static int compile(const char *const more[], char *text)
{
    const char *argv[FLAGS + ARGUMENTS_max] = {"env", "LC_ALL=C", "cc"};
    size_t count = 3;
    for (size_t i = 0; i < FLAGS; i++) {
        argv[count++] = flags[i];
    }
    for (size_t i = 0; more[i] != NULL; i++) {
        argv[count++] = more[i];
    }
    RK_REQUIRE(count < FLAGS + ARGUMENTS_max);
    return rk_program_run(argv, (struct rk_program_text){NULL, 0}, (struct rk_program_text){text, TEXT_MAX_bytes});
}

/* The compiler's first error as our one line: `file:line:column: what`. */
static enum rk_err explain(const struct source *source, const char *said, struct rk_diag *diag)
{
    const char *error = strstr(said, "error: ");
    if (error == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: does not compile: %.*s", source->path, (int)strcspn(said, "\n"), said);
    }
    const char *line = error;
    while (line > said && line[-1] != '\n') {
        line--;
    }
    int place = (int)(error - line);
    const char *fatal = strstr(line, "fatal error: ");
    place = fatal != NULL && fatal < error ? (int)(fatal - line) : place;
    error += strlen("error: ");
    return rk_fail(diag, RK_ERR_INPUT, "%.*s%.*s, expected a policy that compiles", place, line,
                   (int)strcspn(error, "\n"), error);
}

/* What the object needs from elsewhere, and what it keeps. */
static enum rk_err check_symbols(const struct source *source, char *listing, struct rk_diag *diag)
{
    static const char *const allowed[] = {"rk_policy_due", "rk_policy_next_ns",     "memcpy",
                                          "memset",        "_GLOBAL_OFFSET_TABLE_", NULL};
    bool there = false;
    char *save = NULL;
    for (char *line = strtok_r(listing, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        char kind, name[128];
        const char *at = line + strspn(line, "0123456789abcdef");
        if (sscanf(at, " %c %127s", &kind, name) != 2) {
            continue;
        }
        there |= kind == 'T' && strcmp(name, "rk_policy_own") == 0;
        size_t known = 0;
        while (allowed[known] != NULL && strcmp(allowed[known], name) != 0) {
            known++;
        }
        name[strcspn(name, ".")] = '\0';
        if (kind == 'U' && allowed[known] == NULL) {
            return rk_fail_at(diag, mark_of(source, find_word(source, name)),
                              "uses %s, which is not its own, expected a policy that asks for nothing but its facts",
                              name);
        }
        if (strchr("bBdDsSgGC", kind) != NULL) {
            return rk_fail_at(diag, mark_of(source, find_word(source, name)),
                              "%s can change, expected a policy that remembers nothing: const", name);
        }
    }
    return there ? RK_OK
                 : rk_fail_at(diag, mark_of(source, source->text),
                              "no rk_policy_own() in it, expected uint64_t rk_policy_own(const struct rk_policy *, "
                              "const struct rk_policy_facts *)");
}

/* Makes the shared object in a file of its own, then puts it into place. */
static enum rk_err build(const char *root, const struct source *source, const char *parameters, const char *path,
                         struct rk_diag *diag)
{
    char define[PARAMETERS_max][RK_POLICY_PARAMETERS_bytes + 2];
    char object[600], made[600], include[1030], ours[1030], declared[1060];
    size_t defines, count = 0;
    const char *more[ARGUMENTS_max];
    char *text = malloc(TEXT_MAX_bytes);
    RK_REQUIRE(text != NULL);
    snprintf(object, sizeof object, "%s.%ld.o", path, (long)getpid());
    snprintf(made, sizeof made, "%s.%ld", path, (long)getpid());
    snprintf(include, sizeof include, "-I%s", root);
    snprintf(ours, sizeof ours, "%s/engine/lifecycle/policy.c", root);
    snprintf(declared, sizeof declared, "%s/devices/firmware/policy/own.h", root);
    enum rk_err err = split_parameters(parameters, define, &defines, diag);
    const char *const first[] = {include, "-include", declared, "-c", source->path, "-o", object};
    for (size_t i = 0; i < defines; i++) {
        more[count++] = define[i];
    }
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        more[count++] = first[i];
    }
    more[count] = NULL;
    int status = err == RK_OK ? compile(more, text) : 0;
    if (status == RK_PROGRAM_FAILED) {
        err = rk_fail(diag, RK_ERR_MISSING, "%s: a C compiler is missing: apt-get install gcc libc6-dev", source->path);
    } else if (status != 0) {
        err = explain(source, text, diag);
    }
    if (err == RK_OK) {
        const char *const nm[] = {"nm", object, NULL};
        if (rk_program_run(nm, (struct rk_program_text){text, TEXT_MAX_bytes}, (struct rk_program_text){NULL, 0}) !=
            0) {
            err = rk_fail(diag, RK_ERR_MISSING, "%s: nm is missing: apt-get install binutils", source->path);
        } else {
            err = check_symbols(source, text, diag);
        }
    }
    const char *const link[] = {include, "-shared", "-Wl,-Bsymbolic", object, ours, "-o", made, NULL};
    if (err == RK_OK && compile(link, text) != 0) {
        err = explain(source, text, diag);
    }
    if (err == RK_OK && rename(made, path) != 0) {
        err = rk_fail(diag, RK_ERR_IO, "%s: %s", path, strerror(errno));
    }
    unlink(object);
    unlink(made);
    free(text);
    return err;
}

/* ---- opening ---- */

static enum rk_err load(struct rk_policy_own *own, const char *path, struct rk_diag *diag)
{
    own->object = (struct rk_object)RK_OBJECT_NONE;
    enum rk_err err = rk_object_load(&own->object, path, diag);
    if (err != RK_OK) {
        return err;
    }
    own->rule = (rk_policy_rule *)dlsym(own->object.handle, "rk_policy_own");
    if (own->rule == NULL) {
        rk_object_unload(&own->object);
        return rk_fail(diag, RK_ERR_INPUT, "%s: no rk_policy_own() in it, expected a policy", own->path);
    }
    return RK_OK;
}

static enum rk_err find_object(const char *root, const struct source *source, const struct rk_policy_own *own,
                               char *path, size_t bytes, struct rk_diag *diag)
{
    char cache[400];
    if (!rk_policy_own_is_source(own->path)) {
        snprintf(path, bytes, "%s", own->path);
        return own->parameters[0] == '\0'
                   ? RK_OK
                   : rk_fail(diag, RK_ERR_INPUT, "parameters: of a shared object, expected a policy in C");
    }
    enum rk_err err = check_includes(source, diag);
    if (err == RK_OK) {
        err = find_cache(root, cache, sizeof cache, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    snprintf(path, bytes, "%s/%s.so", cache, own->sha256);
    return access(path, R_OK) == 0 ? RK_OK : build(root, source, own->parameters, path, diag);
}

enum rk_err rk_policy_own_open(const char *root, const char *path, const char *parameters, struct rk_policy_own *own,
                               struct rk_diag *diag)
{
    struct source source = {.path = path};
    char object[512];
    if (!rk_policy_own_is_source(path) && !ends(path, ".so")) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: neither .c nor .so, expected a policy in C or a shared object", path);
    }
    snprintf(own->path, sizeof own->path, "%s", path);
    snprintf(own->parameters, sizeof own->parameters, "%s", parameters);
    enum rk_err err = read_source(&source, diag);
    if (err == RK_OK) {
        hash_source(root, &source, parameters, own->sha256);
        blank_comments(source.text);
        err = find_object(root, &source, own, object, sizeof object, diag);
    }
    free(source.text);
    return err == RK_OK ? load(own, object, diag) : err;
}

void rk_policy_own_close(struct rk_policy_own *own)
{
    rk_object_unload(&own->object);
    own->rule = NULL;
}
