/* devices/firmware/build.c - images from the cache, or made and put there */
#include "devices/firmware/build.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "devices/firmware/build_internal.h"
#include "devices/firmware/elf_image.h"
#include "devices/firmware/mailbox.h"
#include "engine/core/folder.h"

#define OPERATION_NAME(name, alg, shape, key, variant, sizes, least, help) [RK_OP_##name] = #name,
static const char *const names[RK_OP_COUNT] = {RK_OPERATIONS(OPERATION_NAME)[RK_OP_lifecycle_step] = "lifecycle",
                                               [RK_OP_lifecycle_check] = "lifecycle_check", [RK_OP_empty] = "empty"};
#undef OPERATION_NAME

enum { BACKEND_FACTS_bytes = 8192, DEVICE_FACTS_bytes = 4096 };

const char *rk_firmware_root(void)
{
    const char *root = getenv("REKEYLAB_ROOT");
    return root != NULL && root[0] != '\0' ? root : RK_ROOT;
}

/* The value of `key: value` in a text of such lines. out: "" when there is none. */
static void take_fact(const char *text, const char *key, char *value, size_t bytes)
{
    size_t length = strlen(key);
    value[0] = '\0';
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (strncmp(line, key, length) == 0 && line[length] == ':' && line[length + 1] == ' ') {
            const char *from = line + length + 2;
            int chars = (int)(end != NULL ? end - from : (long)strlen(from));
            snprintf(value, bytes, "%.*s", chars, from);
            return;
        }
        line = end != NULL ? end + 1 : NULL;
    }
}

/* The last line that says something: where tools put what matters. */
static const char *last_line(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' ')) {
        text[--length] = '\0';
    }
    char *line = strrchr(text, '\n');
    return line != NULL ? line + 1 : text;
}

static bool is_name(const char *text)
{
    return text[0] != '\0' && text[0] != '.' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(text);
}

/* ---- what to build: device, compiler, library ---- */

static enum rk_err describe_device(struct rk_firmware *out, char *facts, size_t bytes, struct rk_diag *diag)
{
    char path[1024];
    char define[64];
    char script[1024];
    char errors[2048];
    snprintf(path, sizeof path, "%s/devices/%s/device.cmake", rk_firmware_root(), out->device);
    if (!is_name(out->device) || access(path, R_OK) != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "device '%s': no devices/%s/device.cmake", out->device, out->device);
    }
    snprintf(define, sizeof define, "-DRK_DEVICE=%s", out->device);
    snprintf(script, sizeof script, "%s/devices/firmware/describe.cmake", rk_firmware_root());
    const char *const argv[] = {"cmake", define, "-P", script, NULL};
    int status = rki_run(argv, facts, bytes, errors, sizeof errors);
    if (status == 127) {
        return rk_fail(diag, RK_ERR_MISSING, "cmake is missing: apt-get install cmake ninja-build");
    }
    if (status != 0) {
        char *what = strstr(errors, "is not installed");
        while (what != NULL && what > errors && what[-1] != '\n') {
            what--;
        }
        while (what != NULL && *what == ' ') {
            what++;
        }
        return rk_fail(diag, RK_ERR_MISSING, "device %s: %.*s", out->device,
                       (int)strcspn(what != NULL ? what : errors, "\n"), what != NULL ? what : errors);
    }
    take_fact(facts, "compiler", out->compiler, sizeof out->compiler);
    take_fact(facts, "flags", out->flags, sizeof out->flags);
    return RK_OK;
}

static enum rk_err find_library(struct rk_firmware *out, const char *version, char *library, size_t bytes,
                                struct rk_diag *diag)
{
    char path[1024];
    char asked[96];
    char answer[1200];
    char errors[2048];
    bool own = strchr(out->backend, '/') != NULL;
    library[0] = '\0';
    snprintf(path, sizeof path, "%s/%s%s/backend.cmake", rk_firmware_root(), own ? "" : "backends/", out->backend);
    if ((!own && !is_name(out->backend)) || access(path, R_OK) != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "backend '%s': no %s%s/backend.cmake", out->backend, own ? "" : "backends/",
                       out->backend);
    }
    if (own) {
        return RK_OK;
    }
    snprintf(path, sizeof path, "%s/backends/fetch", rk_firmware_root());
    snprintf(asked, sizeof asked, "%s%s%s", out->backend, version != NULL ? "@" : "", version != NULL ? version : "");
    const char *const argv[] = {path, "--with-version", asked, NULL};
    int status = rki_run(argv, answer, sizeof answer, errors, sizeof errors);
    if (status != 0) {
        return rk_fail(diag, status == 2 ? RK_ERR_INPUT : RK_ERR_MISSING, "%s", last_line(errors));
    }
    char *tab = strchr(answer, '\t');
    if (tab == NULL) {
        return rk_fail(diag, RK_ERR_IO, "backends/fetch %s: '%s', expected a version and a folder", asked, answer);
    }
    snprintf(out->version, sizeof out->version, "%.*s", (int)(tab - answer), answer);
    snprintf(library, bytes, "%.*s", (int)strcspn(tab + 1, "\n"), tab + 1);
    return RK_OK;
}

/* ---- the cache ---- */

static bool writable_folder(const char *path)
{
    return rk_folder_make(path) && access(path, W_OK) == 0;
}

static enum rk_err cache_folder(char *path, size_t bytes, struct rk_diag *diag)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/') {
        snprintf(path, bytes, "%s/rekeylab/firmware", cache);
    } else {
        snprintf(path, bytes, "%s/.cache/rekeylab/firmware", home != NULL ? home : "");
    }
    if (path[0] == '/' && writable_folder(path)) {
        return RK_OK;
    }
    snprintf(path, bytes, "%s/build/cache/rekeylab/firmware", rk_firmware_root());
    if (writable_folder(path)) {
        return RK_OK;
    }
    return rk_fail(diag, RK_ERR_IO, "%s: cannot be written to; set XDG_CACHE_HOME to a folder that can", path);
}

/* ---- building ---- */

/* The memory that a linker found too small, in the words of GNU ld and of lld: "region `RAM' overflowed", "is not within
 * region `data'", "will not fit in region 'ROM'". out: its name with what follows, or NULL. */
static const char *full_region(const char *text)
{
    static const char *const signs[] = {"overflowed", "not within region", "will not fit"};
    const char *region = strstr(text, "region ");
    for (size_t i = 0; region != NULL && i < sizeof signs / sizeof signs[0]; i++) {
        if (strstr(text, signs[i]) != NULL) {
            return region + strlen("region ") + 1;
        }
    }
    return NULL;
}

/* What the linker says about a memory that is too small, in our words; its first complaint otherwise. */
static void explain_link(const char *log_path, char *reason, size_t bytes)
{
    char text[8192];
    if (!rki_read_text(log_path, text, sizeof text)) {
        snprintf(reason, bytes, "does not link");
        return;
    }
    const char *region = full_region(text);
    if (region != NULL) {
        bool ram = strncasecmp(region, "data", 4) == 0 || strncasecmp(region, "ram", 3) == 0 ||
                   strncasecmp(region, "sram", 4) == 0;
        snprintf(reason, bytes, "does not fit: %s", ram ? "ram" : "flash");
        return;
    }
    const char *undefined = strstr(text, "undefined ");
    const char *line = undefined != NULL ? undefined : text;
    snprintf(reason, bytes, "does not link: %.*s", (int)strcspn(line, "\n"), line);
}

/* The steps of a key's life share an image; those of backup, which stand behind them, another. */
static const char *image_name(unsigned operation)
{
    if (operation < RK_OP_key_generate || operation > RK_OP_key_restore) {
        return names[operation];
    }
    return operation < RK_OP_key_backup ? "key" : "key_backup";
}

/* in: names between spaces. */
static bool has_name(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(list, name); at != NULL; at = strstr(at + 1, name)) {
        if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}

/* out: the value of `key` in images/backend.txt. */
static void read_fact(const struct rk_firmware *firmware, const char *key, char *value, size_t bytes)
{
    char path[512];
    char text[BACKEND_FACTS_bytes] = "";
    snprintf(path, sizeof path, "%s/backend.txt", firmware->directory);
    rki_read_text(path, text, sizeof text);
    take_fact(text, key, value, bytes);
}

/* Finds a program's image in out->directory. out: false when it has neither image nor reason. */
static bool find_program(struct rk_firmware *out, const char *program)
{
    char log[sizeof out->program.path + sizeof ".link.log"];
    struct rk_firmware_image *image = &out->program;
    for (int host = 0; host < 2; host++) {
        snprintf(image->path, sizeof image->path, "%.*s/%s%s", (int)sizeof out->directory, out->directory,
                 host ? "backend" : program, host ? ".so" : ".elf");
        if (access(image->path, R_OK) == 0) {
            return true;
        }
        snprintf(log, sizeof log, "%s.link.log", image->path);
        if (access(log, R_OK) == 0) {
            image->path[0] = '\0';
            explain_link(log, image->reason, sizeof image->reason);
            return true;
        }
    }
    return false;
}

/* Finds the images in out->directory. out: the first operation that has neither image nor reason, or RK_OP_COUNT. */
static unsigned find_images(struct rk_firmware *out, const struct rk_firmware_options *options)
{
    char path[1024];
    char lacks[BACKEND_FACTS_bytes];
    unsigned missing = RK_OP_COUNT;
    read_fact(out, "not_provided", lacks, sizeof lacks);
    snprintf(path, sizeof path, "%s/backend.so", out->directory);
    bool host = access(path, R_OK) == 0;
    for (unsigned i = 0; i < RK_OP_COUNT; i++) {
        struct rk_firmware_image *image = &out->images[i];
        image->path[0] = '\0';
        image->reason[0] = '\0';
        if (options->policy != NULL && i != RK_OP_lifecycle_step && !host) {
            snprintf(image->reason, sizeof image->reason, "not built with a policy of one's own");
            continue;
        }
        /* the agent's image is there when its operations are */
        if (has_name(lacks, names[i]) || (i == RK_OP_lifecycle_step && has_name(lacks, names[RK_OP_key_generate]))) {
            snprintf(image->reason, sizeof image->reason, "not provided by the library");
            continue;
        }
        snprintf(image->path, sizeof image->path, "%s/%s%s", out->directory, host ? "backend" : image_name(i),
                 host ? ".so" : ".elf");
        if (access(image->path, R_OK) == 0) {
            continue;
        }
        snprintf(path, sizeof path, "%s.link.log", image->path);
        image->path[0] = '\0';
        if (access(path, R_OK) == 0) {
            explain_link(path, image->reason, sizeof image->reason);
        } else if (missing == RK_OP_COUNT) {
            missing = i;
        }
    }
    return missing;
}

/* The first line of a build's log that tells what is wrong. */
static enum rk_err explain_build(const struct rk_firmware *out, const char *log, struct rk_diag *diag)
{
    enum { LOG_MAX_bytes = 1 << 20 };
    static const char *const signs[] = {"error: ", "CMake Error", "not found", "No such file"};
    char *text = malloc(LOG_MAX_bytes);
    const char *line = NULL;
    if (text != NULL && rki_read_text(log, text, LOG_MAX_bytes)) {
        for (size_t i = 0; line == NULL && i < sizeof signs / sizeof signs[0]; i++) {
            line = strstr(text, signs[i]);
        }
    }
    while (line != NULL && line > text && line[-1] != '\n') {
        line--;
    }
    enum rk_err err = rk_fail(diag, RK_ERR_INPUT, "firmware of %s for %s does not build: %.*s (log: %s)", out->backend,
                              out->device, line != NULL ? (int)strcspn(line, "\n") : 0, line != NULL ? line : "", log);
    free(text);
    return err;
}

static enum rk_err build(struct rk_firmware *out, const char *library, const struct rk_firmware_options *options,
                         const char *work, const char *log, struct rk_diag *diag)
{
    char source[1024];
    char device[96], backend[128], where[1200], version[64], optimise[32], policy[PATH_MAX + 32], parameters[128];
    char *whole_path = options->policy != NULL ? realpath(options->policy, NULL) : NULL;
    const char *program = options->program;
    snprintf(source, sizeof source, "%s/devices/firmware%s%s", rk_firmware_root(), program != NULL ? "/" : "",
             program != NULL ? program : "");
    snprintf(device, sizeof device, "-DRK_DEVICE=%s", out->device);
    snprintf(backend, sizeof backend, "-DRK_BACKEND=%s", out->backend);
    snprintf(where, sizeof where, "-DRK_LIBRARY_SOURCE=%s", library);
    snprintf(version, sizeof version, "-DRK_LIBRARY_VERSION=%s", out->version);
    snprintf(optimise, sizeof optimise, "-DRK_OPTIMISE=%s", options->optimise != NULL ? options->optimise : "");
    snprintf(policy, sizeof policy, "-DRK_OWN_POLICY=%s", whole_path != NULL ? whole_path : "");
    snprintf(parameters, sizeof parameters, "-DRK_OWN_POLICY_DEFINES=%s",
             whole_path != NULL ? options->policy_parameters : "");
    free(whole_path);
    const char *const configure[] = {"cmake",
                                     "-S",
                                     source,
                                     "-B",
                                     work,
                                     "-G",
                                     "Ninja",
                                     device,
                                     backend,
                                     where,
                                     version,
                                     optimise,
                                     options->inspect ? "-DRK_INSPECT=ON" : "-DRK_INSPECT=OFF",
                                     options->wipe_stack ? "-DRK_WIPE_STACK=ON" : "-DRK_WIPE_STACK=OFF",
                                     policy,
                                     parameters,
                                     NULL};
    const char *const compile[] = {"ninja", "-C", work, "-k", "0", NULL};
    unlink(log);
    int status = rki_run_logged(configure, log);
    if (status == 0) {
        status = rki_run_logged(compile, log);
    }
    struct rk_firmware made = *out;
    snprintf(made.directory, sizeof made.directory, "%s/images", work);
    bool whole = program != NULL ? find_program(&made, program) : find_images(&made, options) == RK_OP_COUNT;
    if (status == 127) {
        return rk_fail(diag, RK_ERR_MISSING, "cmake or ninja is missing: apt-get install cmake ninja-build");
    }
    if (!whole) {
        return explain_build(out, log, diag);
    }
    return RK_OK;
}

/* Builds in a folder of its own and renames the result into place. */
static enum rk_err make_images(struct rk_firmware *out, const char *cache, const char *library,
                               const struct rk_firmware_options *options, struct rk_diag *diag)
{
    char work[400];
    char images[512];
    char log[512];
    snprintf(work, sizeof work, "%s/.new.XXXXXX", cache);
    snprintf(log, sizeof log, "%s.log", out->directory);
    if (mkdtemp(work) == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s", work, strerror(errno));
    }
    enum rk_err err = build(out, library, options, work, log, diag);
    snprintf(images, sizeof images, "%s/images", work);
    if (err == RK_OK && rename(images, out->directory) != 0) {
        err = rk_fail(diag, RK_ERR_IO, "%s: %s", out->directory, strerror(errno));
    }
    rki_remove_tree(work);
    if (err == RK_OK) {
        unlink(log);
    }
    return err;
}

static void read_backend_facts(struct rk_firmware *out)
{
    char flag[16];
    read_fact(out, "upstream_unsupported", flag, sizeof flag);
    out->upstream_unsupported = strcmp(flag, "ON") == 0;
    read_fact(out, "upstream_reason", out->upstream_reason, sizeof out->upstream_reason);
    read_fact(out, "changed_lines", out->changed_lines, sizeof out->changed_lines);
}

static bool is_level(const char *optimise)
{
    return optimise[0] == 'O' && optimise[1] != '\0' && strchr("s0123", optimise[1]) != NULL && optimise[2] == '\0';
}

/* Into the facts, which name the images, and into the flags, which are recorded: nothing for a product's. */
static enum rk_err add_options(const struct rk_firmware_options *options, struct rk_firmware *out, char *facts,
                               size_t bytes, struct rk_diag *diag)
{
    size_t length = strlen(facts);
    const char *level = options->optimise;
    if (level != NULL && !is_level(level)) {
        return rk_fail(diag, RK_ERR_INPUT, "optimisation level '%s', expected Os, O0, O1, O2 or O3", level);
    }
    if (level != NULL || options->inspect || options->wipe_stack) {
        snprintf(facts + length, bytes - length, "options: %s%s%s\n", level != NULL ? level : "",
                 options->inspect ? " inspect" : "", options->wipe_stack ? " wipe_stack" : "");
    }
    if (options->policy != NULL) {
        length = strlen(facts);
        snprintf(facts + length, bytes - length, "policy: %s\n", options->policy_sha256);
    }
    if (options->program != NULL) {
        length = strlen(facts);
        snprintf(facts + length, bytes - length, "program: %s\n", options->program);
    }
    char *own = level != NULL ? strstr(out->flags, "-O") : NULL;
    if (own != NULL && own[2] != '\0') {
        own[2] = level[1];
    }
    return RK_OK;
}

enum rk_err rk_firmware_get_as(const char *device, const char *backend, const char *version,
                               const struct rk_firmware_options *options, struct rk_firmware *out, struct rk_diag *diag)
{
    static const struct rk_firmware_options products = {0};
    options = options != NULL ? options : &products;
    char facts[DEVICE_FACTS_bytes];
    char library[1024];
    char cache[320];
    char hash[65];
    char lock_path[512];
    memset(out, 0, sizeof *out);
    snprintf(out->device, sizeof out->device, "%s", device);
    snprintf(out->backend, sizeof out->backend, "%s", backend);
    enum rk_err err = describe_device(out, facts, sizeof facts, diag);
    if (err == RK_OK) {
        err = add_options(options, out, facts, sizeof facts, diag);
    }
    if (err == RK_OK) {
        err = find_library(out, version, library, sizeof library, diag);
    }
    if (err == RK_OK) {
        err = rki_hash_inputs(out, facts, library, options->program, hash, diag);
    }
    if (err == RK_OK) {
        err = cache_folder(cache, sizeof cache, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    snprintf(out->directory, sizeof out->directory, "%s/%s", cache, hash);
    snprintf(lock_path, sizeof lock_path, "%s.lock", out->directory);
    int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        err = rk_fail(diag, RK_ERR_IO, "%s: %s", lock_path, strerror(errno));
    } else if (access(out->directory, R_OK) != 0) {
        err = make_images(out, cache, library, options, diag);
    }
    if (lock >= 0) {
        close(lock);
    }
    if (err == RK_OK && options->program != NULL) {
        find_program(out, options->program);
    } else if (err == RK_OK) {
        find_images(out, options);
        read_backend_facts(out);
    }
    return err;
}

enum rk_err rk_firmware_get(const char *device, const char *backend, const char *version, struct rk_firmware *out,
                            struct rk_diag *diag)
{
    return rk_firmware_get_as(device, backend, version, NULL, out, diag);
}

const char *rk_firmware_image(const struct rk_firmware *firmware, unsigned operation)
{
    if (operation >= RK_OP_COUNT || firmware->images[operation].path[0] == '\0') {
        return NULL;
    }
    return firmware->images[operation].path;
}

const char *rk_firmware_reason(const struct rk_firmware *firmware, unsigned operation)
{
    if (operation >= RK_OP_COUNT) {
        return "no such operation";
    }
    const struct rk_firmware_image *image = &firmware->images[operation];
    if (image->path[0] != '\0') {
        return NULL;
    }
    return image->reason[0] != '\0' ? image->reason : "no image of it in the firmware";
}

enum rk_err rk_firmware_measure(const char *image_path, struct rk_firmware_sizes *sizes, struct rk_diag *diag)
{
    struct rk_elf_image *image;
    struct rk_elf_sizes measured;
    memset(sizes, 0, sizeof *sizes);
    enum rk_err err = rk_elf_open(&image, image_path, diag);
    if (err != RK_OK) {
        return err;
    }
    rk_elf_measure(image, &measured);
    uint64_t mailbox = 0;
    bool own = rk_elf_symbol(image, "rk_mailbox", NULL, &mailbox) && mailbox > RK_MAILBOX_HEADER_bytes;
    rk_elf_close(image);
    sizes->mailbox_bytes = own ? mailbox - RK_MAILBOX_HEADER_bytes : RK_MAILBOX_DATA_bytes; /* the host's is hidden */
    sizes->flash_bytes = measured.flash_bytes;
    sizes->ram_static_bytes = measured.ram_static_bytes;
    return rki_hash_file(image_path, sizes->sha256, diag);
}
