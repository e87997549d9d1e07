/* bench/cache.c - measurements by content: ${XDG_CACHE_HOME:-~/.cache}/rekeylab/measurements/<two digits>/<key>.json
 *
 * The key is the SHA-256 of everything a measurement depends on, so an entry is never stale. A cache that cannot be
 * read or written costs time, not correctness: it is passed over in silence.
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

bool rki_bench_cache_load(const char *key, struct rk_cost_row *row)
{
    char path[PATH_bytes];
    if (!entry_path(key, path)) {
        return false;
    }
    json_t *json = json_load_file(path, 0, NULL);
    bool found = json && rk_cost_row_from_json(json, row, NULL) == RK_OK;
    json_decref(json);
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
