/* devices/firmware/build_inputs.c - names what an image is made of by one hash */
#include "devices/firmware/build_internal.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/core/sha256.h"

static bool add_file(struct rk_sha256 *hash, const char *path)
{
    char block[16384];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        rk_sha256_add(hash, block, got);
    }
    bool whole = ferror(file) == 0;
    fclose(file);
    return whole;
}

enum rk_err rki_hash_file(const char *path, char hex[65], struct rk_diag *diag)
{
    struct rk_sha256 hash;
    uint8_t digest[32];
    rk_sha256_init(&hash);
    if (!add_file(&hash, path)) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s", path, strerror(errno));
    }
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, hex);
    return RK_OK;
}

static bool is_source(const char *name)
{
    static const char *const suffixes[] = {".c",  ".h",  ".S",   ".s",     ".i",  ".in",           ".inc",
                                           ".ac", ".ld", ".map", ".cmake", ".sh", "CMakeLists.txt"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t suffix = strlen(suffixes[i]);
        if (length >= suffix && strcmp(name + length - suffix, suffixes[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What runs on the host is not part of any image. */
static bool is_builder(const char *name)
{
    return strncmp(name, "build", 5) == 0 || strncmp(name, "elf_image", 9) == 0;
}

static int by_name(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

/* A backend, or what a program of its own is made of: no part of other images. */
static bool is_apart(const char *folder)
{
    static const char *const marks[] = {"backend.cmake", "program.cmake"};
    char path[1200];
    bool apart = false;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0] && !apart; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, marks[i]);
        apart = access(path, R_OK) == 0;
    }
    return apart;
}

/* Adds names and contents of the sources below `folder`, in the order of their names. depth 1: the folder itself only.
 */
static bool add_folder(struct rk_sha256 *hash, const char *folder, int depth)
{
    char *const roots[] = {(char *)folder, NULL};
    size_t prefix = strlen(folder);
    bool whole = true;
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (walk == NULL) {
        return false;
    }
    for (FTSENT *entry = fts_read(walk); entry != NULL && whole; entry = fts_read(walk)) {
        if (entry->fts_info == FTS_D && entry->fts_level >= 1 &&
            (entry->fts_level >= depth || is_apart(entry->fts_path))) {
            fts_set(walk, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_F && is_source(entry->fts_name) && !is_builder(entry->fts_name)) {
            rk_sha256_add(hash, entry->fts_path + prefix, strlen(entry->fts_path + prefix) + 1);
            whole = add_file(hash, entry->fts_path);
        } else if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS) {
            whole = false;
        }
    }
    fts_close(walk);
    return whole;
}

enum { THIS_FOLDER = 1, ALL_BELOW = 1000 };

/* A fetched library has a manifest with the SHA-256 of its archive beside it; a folder given by hand is read. */
static bool add_library(struct rk_sha256 *hash, const char *library)
{
    char manifest[1024];
    if (library[0] == '\0') {
        return true;
    }
    snprintf(manifest, sizeof manifest, "%s/../manifest", library);
    return access(manifest, R_OK) == 0 ? add_file(hash, manifest) : add_folder(hash, library, ALL_BELOW);
}

/* Each folder that the line `folders: ` of a device's facts names. */
static enum rk_err add_device(struct rk_sha256 *hash, const char *facts, struct rk_diag *diag)
{
    const char *at = strstr(facts, "\nfolders: ");
    RK_REQUIRE(at != NULL);
    for (at += strlen("\nfolders:"); *at == ' ';) {
        char folder[1024];
        int length = (int)strcspn(++at, " \n");
        snprintf(folder, sizeof folder, "%s/%.*s", rk_firmware_root(), length, at);
        if (!add_folder(hash, folder, ALL_BELOW)) {
            return rk_fail(diag, RK_ERR_IO, "%s: cannot be read: %s", folder, strerror(errno));
        }
        at += length;
    }
    return RK_OK;
}

static enum rk_err add_program(struct rk_sha256 *hash, const char *backend, const char *program, struct rk_diag *diag)
{
    char folder[3][1024];
    snprintf(folder[0], sizeof folder[0], "%s/devices/firmware/%s", rk_firmware_root(), program);
    snprintf(folder[1], sizeof folder[1], "%s/backends/%s", rk_firmware_root(), program);
    snprintf(folder[2], sizeof folder[2], "%s/backends/%s/%s", rk_firmware_root(), backend, program);
    size_t folders = strchr(backend, '/') != NULL ? 1 : sizeof folder / sizeof folder[0]; /* of a program alone */
    for (size_t i = 0; i < folders; i++) {
        if (!add_folder(hash, folder[i], ALL_BELOW)) {
            return rk_fail(diag, RK_ERR_INPUT, "%s has no program '%s': no folder %s", backend, program, folder[i]);
        }
    }
    return RK_OK;
}

enum rk_err rki_hash_inputs(const struct rk_firmware *firmware, const char *facts, const char *library,
                            const char *program, char hex[65], struct rk_diag *diag)
{
    const char *root = rk_firmware_root();
    bool own = strchr(firmware->backend, '/') != NULL;
    char folders[4][1024];
    const int depth[4] = {THIS_FOLDER, ALL_BELOW, ALL_BELOW, THIS_FOLDER};
    struct rk_sha256 hash;
    uint8_t digest[32];
    snprintf(folders[0], sizeof folders[0], "%s/devices/firmware", root);
    snprintf(folders[1], sizeof folders[1], "%s/backends", root);
    snprintf(folders[2], sizeof folders[2], "%s/%s%s", root, own ? "" : "backends/", firmware->backend);
    snprintf(folders[3], sizeof folders[3], "%s/engine/lifecycle", root);
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, facts, strlen(facts) + 1);
    rk_sha256_add(&hash, firmware->version, strlen(firmware->version) + 1);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (!add_folder(&hash, folders[i], depth[i])) {
            return rk_fail(diag, RK_ERR_IO, "%s: cannot be read: %s", folders[i], strerror(errno));
        }
    }
    enum rk_err err = add_device(&hash, facts, diag);
    if (err == RK_OK && program != NULL) {
        err = add_program(&hash, firmware->backend, program, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    if (!add_library(&hash, library)) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be read: %s", library, strerror(errno));
    }
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, hex);
    return RK_OK;
}

void rki_remove_tree(const char *path)
{
    char *const roots[] = {(char *)path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (walk == NULL) {
        return;
    }
    for (FTSENT *entry = fts_read(walk); entry != NULL; entry = fts_read(walk)) {
        if (entry->fts_info == FTS_DP) {
            rmdir(entry->fts_path);
        } else if (entry->fts_info != FTS_D) {
            unlink(entry->fts_path);
        }
    }
    fts_close(walk);
}

bool rki_read_text(const char *path, char *text, size_t bytes)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    size_t got = fread(text, 1, bytes - 1, file);
    fclose(file);
    text[got] = '\0';
    return true;
}
