/* bench/cache.c - measurements by content: ${XDG_CACHE_HOME:-~/.cache}/rekeylab/measurements/<two digits>/<key>.json
 *
 * The key is the SHA-256 of everything a measurement depends on, so an entry is never stale. A cache that cannot be
 * read or written costs time, not correctness: it is passed over in silence. So is an entry that is damaged or that is
 * another row's; measuring anew replaces it.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench_internal.h"

enum { PATH_bytes = 512 };

/* Makes the folders on the way. out: false without a place for a cache. */
static bool entry_path(const char *key, char path[PATH_bytes])
{
    const char *base = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int length;
    if (base && base[0]) {
        length = snprintf(path, PATH_bytes, "%s/rekeylab/measurements/%.2s/%s.json", base, key, key);
    } else if (home && home[0]) {
        length = snprintf(path, PATH_bytes, "%s/.cache/rekeylab/measurements/%.2s/%s.json", home, key, key);
    } else {
        return false;
    }
    if (length >= PATH_bytes) {
        return false;
    }
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    return true;
}

/* Is this entry what the row asks for? */
static bool is_of(const struct rk_cost_row *kept, const struct rk_cost_row *row)
{
    return strcmp(kept->device, row->device) == 0 && strcmp(kept->backend, row->backend) == 0 &&
           strcmp(kept->op, row->op) == 0 && kept->size_bytes == row->size_bytes &&
           strcmp(kept->firmware_sha256, row->firmware_sha256) == 0;
}

/* Names, versions and sizes are those of the caller's firmware: two builds may have the same image. */
static void take_figures(const struct rk_cost_row *kept, struct rk_cost_row *row)
{
    struct rk_cost_row merged = *kept;
    memcpy(merged.version, row->version, sizeof merged.version);
    memcpy(merged.compiler, row->compiler, sizeof merged.compiler);
    memcpy(merged.flags, row->flags, sizeof merged.flags);
    if (kept->flash_bytes != RK_NONE) { /* a row without figures has none from its image either */
        merged.flash_bytes = row->flash_bytes;
        merged.ram_static_bytes = row->ram_static_bytes;
    }
    *row = merged;
}

bool rki_bench_cache_load(const char *key, struct rk_cost_row *row)
{
    char path[PATH_bytes];
    if (!entry_path(key, path)) {
        return false;
    }
    struct rk_cost_row kept;
    json_t *json = json_load_file(path, 0, NULL);
    bool found = json && rk_cost_row_from_json(json, &kept, NULL) == RK_OK && is_of(&kept, row);
    json_decref(json);
    if (found) {
        take_figures(&kept, row);
    }
    return found;
}

void rki_bench_cache_save(const char *key, const struct rk_cost_row *row)
{
    char path[PATH_bytes], temporary[PATH_bytes + 32];
    if (!entry_path(key, path)) {
        return;
    }
    snprintf(temporary, sizeof temporary, "%s.%ld.%lx", path, (long)getpid(), (unsigned long)(uintptr_t)row);
    json_t *json = rk_cost_row_to_json(row);
    if (json_dump_file(json, temporary, JSON_COMPACT | JSON_REAL_PRECISION(17)) != 0 || rename(temporary, path) != 0) {
        unlink(temporary);
    }
    json_decref(json);
}
