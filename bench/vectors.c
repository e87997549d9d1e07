/* bench/vectors.c - reads a Wycheproof file, runs its cases on threads, counts what came of them */
#include "bench/vectors.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench_internal.h"
#include "bench/vectors_internal.h"

enum { THREADS_MAX = 64 };

enum outcome { PASSED, ACCEPTABLE, FAILED, SKIPPED };

/* One case that can run, and what came of it. */
struct entry {
    const json_t *group, *test;
    enum outcome outcome;
    struct rk_vectors_failure failure;
    char skip[RK_VECTORS_REASON_bytes];
};

struct file {
    const char *path;
    char *text;
    json_t *root;
    const char *algorithm;
    struct entry *entry;
    unsigned entries;
    uint64_t mailbox_bytes[RK_OP_COUNT]; /* of the images seen so far; 0: not yet */
};

struct pool {
    const struct rk_vectors_request *request;
    const struct rki_bench *bench;
    struct file *file;
    atomic_uint next;
    pthread_mutex_t lock; /* over done, err and diag */
    unsigned done;
    enum rk_err err;
    struct rk_diag *diag;
};

/* A device of a worker, kept open for the operation that it runs. */
struct slot {
    struct rk_emulator *emulator;
    int operation;
};

/* --- the file --- */

static enum rk_err read_text(struct file *file, struct rk_diag *diag)
{
    FILE *stream = fopen(file->path, "rb");
    long bytes = -1;
    if (stream && fseek(stream, 0, SEEK_END) == 0) {
        bytes = ftell(stream);
        rewind(stream);
    }
    if (bytes >= 0) {
        file->text = malloc((size_t)bytes + 1);
        RK_REQUIRE(file->text != NULL);
    }
    bool whole = bytes >= 0 && fread(file->text, 1, (size_t)bytes, stream) == (size_t)bytes;
    if (stream) {
        fclose(stream);
    }
    if (!whole) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: cannot be read, expected a Wycheproof file", file->path);
    }
    file->text[bytes] = '\0';
    return RK_OK;
}

/* The place of `"tcId": id`, for messages: the parser keeps none. */
static void find_case(const char *text, json_int_t id, unsigned *line, unsigned *column)
{
    const char *found = text;
    for (const char *at = strstr(text, "\"tcId\""); at; at = strstr(at + 1, "\"tcId\"")) {
        const char *value = at + strlen("\"tcId\"");
        value += strspn(value, " \t\r\n:");
        if (strtoll(value, NULL, 10) == id) {
            found = at;
            break;
        }
    }
    *line = 1;
    *column = 1;
    for (const char *at = text; at < found; at++) {
        *column = *at == '\n' ? 1 : *column + 1;
        *line += *at == '\n';
    }
}

static enum rk_err fail_case(const struct file *file, const json_t *test, const char *fault, struct rk_diag *diag)
{
    unsigned line, column;
    json_int_t id = json_integer_value(json_object_get(test, "tcId"));
    find_case(file->text, id, &line, &column);
    return rk_fail(diag, RK_ERR_INPUT, "%s:%u:%u: case %d: %s", file->path, line, column, (int)id, fault);
}

static enum rk_err parse(struct file *file, struct rk_diag *diag)
{
    json_error_t error;
    enum rk_err err = read_text(file, diag);
    if (err) {
        return err;
    }
    file->root = json_loads(file->text, 0, &error);
    if (!file->root) {
        return rk_fail(diag, RK_ERR_INPUT, "%s:%d:%d: %s, expected JSON", file->path, error.line > 0 ? error.line : 1,
                       error.column > 0 ? error.column : 1, error.text);
    }
    file->algorithm = json_string_value(json_object_get(file->root, "algorithm"));
    if (!file->algorithm || !json_is_array(json_object_get(file->root, "testGroups"))) {
        return rk_fail(diag, RK_ERR_INPUT, "%s:1:1: no `algorithm` with `testGroups`, expected a Wycheproof file",
                       file->path);
    }
    return RK_OK;
}

/* --- what can run --- */

static void count_skip(struct rk_vectors_result *result, const char *reason)
{
    size_t i = 0;
    while (i < result->skips && strcmp(result->skip[i].reason, reason) != 0) {
        i++;
    }
    if (i == RK_VECTORS_SKIPS_MAX) {
        i--;
        snprintf(result->skip[i].reason, sizeof result->skip[i].reason, "other reasons");
    } else if (i == result->skips) {
        snprintf(result->skip[result->skips++].reason, sizeof result->skip[i].reason, "%s", reason);
    }
    result->skip[i].count++;
    result->skipped++;
}

/* What the device says to a planned case. out: *reason NULL, or the reason to skip it. */
static enum rk_err device_reason(struct file *file, const struct rki_bench *bench, const struct rki_vector *vector,
                                 const char **reason, struct rk_diag *diag)
{
    *reason = NULL;
    for (unsigned i = 0; i < vector->steps && !*reason; i++) {
        const struct rki_vector_step *step = &vector->step[i];
        uint64_t *mailbox_bytes = &file->mailbox_bytes[step->request.operation];
        const char *image = rk_firmware_image(&bench->firmware, step->request.operation);
        if (!image) {
            *reason = rk_firmware_reason(&bench->firmware, step->request.operation);
            return RK_OK;
        }
        if (*mailbox_bytes == 0) {
            struct rk_firmware_sizes sizes;
            enum rk_err err = rk_firmware_measure(image, &sizes, diag);
            if (err) {
                return err;
            }
            *mailbox_bytes = sizes.mailbox_bytes;
        }
        if ((uint64_t)step->request.data_bytes + step->reply.data_bytes > *mailbox_bytes) {
            *reason = "longer than the mailbox";
        }
    }
    return RK_OK;
}

static enum rk_err plan_case(struct file *file, const struct rk_vectors_request *request, const struct rki_bench *bench,
                             const json_t *group, const json_t *test, struct rk_vectors_result *result,
                             struct rk_diag *diag)
{
    static _Thread_local struct rki_vector vector;
    vector.algorithm = file->algorithm;
    vector.group = group;
    vector.test = test;
    if (!json_is_integer(json_object_get(test, "tcId"))) {
        return fail_case(file, test, "`tcId` is missing, expected a number", diag);
    }
    rki_vector_plan(&vector);
    if (vector.fault[0]) {
        return fail_case(file, test, vector.fault, diag);
    }
    const char *reason = vector.skip[0] ? vector.skip : NULL;
    enum rk_err err = reason ? RK_OK : device_reason(file, bench, &vector, &reason, diag);
    if (err) {
        return err;
    }
    if (!reason && request->max && file->entries == request->max) {
        reason = "beyond --max";
    }
    if (reason) {
        count_skip(result, reason);
        return RK_OK;
    }
    file->entry[file->entries++] = (struct entry){.group = group, .test = test};
    return RK_OK;
}

static enum rk_err plan_file(struct file *file, const struct rk_vectors_request *request, const struct rki_bench *bench,
                             struct rk_vectors_result *result, struct rk_diag *diag)
{
    size_t total = 0;
    size_t g, t;
    const json_t *group, *test;
    const json_t *groups = json_object_get(file->root, "testGroups");
    json_array_foreach(groups, g, group)
    {
        total += json_array_size(json_object_get(group, "tests"));
    }
    file->entry = calloc(total + 1, sizeof *file->entry);
    RK_REQUIRE(file->entry != NULL);
    json_array_foreach(groups, g, group)
    {
        json_array_foreach(json_object_get(group, "tests"), t, test)
        {
            enum rk_err err = plan_case(file, request, bench, group, test, result, diag);
            if (err) {
                return err;
            }
        }
    }
    return RK_OK;
}

/* --- a case on the device --- */

static void print_reply(const struct rk_call *call, char text[112])
{
    int used = snprintf(text, 112, call->fields == 0 ? "accepted" : "");
    for (unsigned i = 0; i < call->fields; i++) {
        const uint8_t *value = NULL;
        uint16_t bytes = 0;
        rk_call_field(call, i, &value, &bytes);
        used += snprintf(text + used, (size_t)(112 - used), i ? " " : "");
        for (unsigned k = 0; k < bytes && used < 112 - 8; k++) {
            used += snprintf(text + used, (size_t)(112 - used), k == 0 || used < 112 - 12 ? "%02x" : "...", value[k]);
        }
    }
}

/* out: whether the reply has the outputs of the file; of what is compared only its beginning. */
static bool has_outputs(const struct rki_vector_step *step, const struct rk_call *reply)
{
    const struct rk_call *expected = &step->reply;
    if (step->kind != RKI_VECTOR_COMPARES) {
        return reply->fields == expected->fields && reply->data_bytes == expected->data_bytes &&
               memcmp(reply->data, expected->data, reply->data_bytes) == 0;
    }
    const uint8_t *whole = NULL, *beginning = NULL;
    uint16_t bytes = 0, wanted = 0;
    return rk_call_field(reply, 0, &whole, &bytes) && rk_call_field(expected, 0, &beginning, &wanted) &&
           wanted <= bytes && memcmp(whole, beginning, wanted) == 0;
}

/* Whether a reply is what the case asks for. Otherwise entry->failure says what was expected, and what came. */
static enum outcome judge(const struct rki_vector *vector, const struct rki_vector_step *step,
                          const struct rk_call *reply, struct entry *entry)
{
    bool accepted = reply->result == RK_CRYPTO_OK;
    bool rejected = reply->result == RK_CRYPTO_REJECTED;
    bool same = accepted && has_outputs(step, reply);
    bool may_reject = vector->result != RKI_VECTOR_VALID && step->kind == RKI_VECTOR_CHECKS;
    bool may_accept = vector->result != RKI_VECTOR_INVALID;
    bool differs = vector->result == RKI_VECTOR_INVALID && step->kind == RKI_VECTOR_COMPARES && accepted && !same;
    if ((same && may_accept) || (rejected && may_reject) || differs) {
        return vector->result == RKI_VECTOR_ACCEPTABLE ? ACCEPTABLE : PASSED;
    }
    struct rk_vectors_failure *failure = &entry->failure;
    if (may_accept) {
        print_reply(&step->reply, failure->expected);
    } else {
        snprintf(failure->expected, sizeof failure->expected, "%s",
                 step->kind == RKI_VECTOR_COMPARES ? "another output" : "rejected");
    }
    if (accepted) {
        print_reply(reply, failure->got);
    } else {
        snprintf(failure->got, sizeof failure->got, rejected ? "rejected" : "the library reported a failure");
    }
    return FAILED;
}

static enum rk_err ready(const struct rki_bench *bench, struct slot *slot, int operation, struct rk_diag *diag)
{
    if (slot->emulator && slot->operation == operation) {
        return bench->driver->rewind(slot->emulator) == RK_OK
                   ? RK_OK
                   : rk_fail(diag, RK_ERR_EMULATOR, "%s does not start again: %s", bench->device.name,
                             bench->driver->reason(slot->emulator));
    }
    if (slot->emulator) {
        bench->driver->close(slot->emulator);
        slot->emulator = NULL;
    }
    slot->operation = operation;
    return bench->driver->open(&slot->emulator, &bench->device,
                               rk_firmware_image(&bench->firmware, (unsigned)operation), diag);
}

static void skip_entry(struct entry *entry, const char *reason)
{
    entry->outcome = SKIPPED;
    snprintf(entry->skip, sizeof entry->skip, "%s", reason);
}

static enum rk_err run_step(const struct rki_bench *bench, const struct rki_vector *vector,
                            const struct rki_vector_step *step, struct slot *slot, struct entry *entry,
                            struct rk_diag *diag)
{
    static _Thread_local struct rk_call call;
    char buffer[96];
    const char *status;
    enum rk_err err = ready(bench, slot, step->request.operation, diag);
    if (err) {
        return err;
    }
    call = step->request;
    enum rk_call_status came = bench->driver->call(slot->emulator, &call);
    err = rki_bench_call_status(bench, slot->emulator, came, buffer, &status, diag);
    if (err) {
        return err;
    }
    if (came == RK_CALL_STACK_OVERFLOW) {
        skip_entry(entry, status);
    } else if (status) {
        entry->outcome = FAILED;
        snprintf(entry->failure.expected, sizeof entry->failure.expected, "a reply");
        snprintf(entry->failure.got, sizeof entry->failure.got, "%s", status);
    } else if (call.result == RK_CRYPTO_UNSUPPORTED) {
        skip_entry(entry, "not provided by the library");
    } else {
        entry->outcome = judge(vector, step, &call, entry);
    }
    return RK_OK;
}

static enum rk_err run_entry(const struct pool *pool, struct entry *entry, struct slot slot[2], struct rk_diag *diag)
{
    static _Thread_local struct rki_vector vector;
    vector.algorithm = pool->file->algorithm;
    vector.group = entry->group;
    vector.test = entry->test;
    rki_vector_plan(&vector);
    enum rk_err err = RK_OK;
    entry->outcome = PASSED;
    for (unsigned i = 0; i < vector.steps && !err && entry->outcome == PASSED; i++) {
        err = run_step(pool->bench, &vector, &vector.step[i], &slot[i], entry, diag);
    }
    const char *comment = json_string_value(json_object_get(entry->test, "comment"));
    entry->failure.tc_id = (uint32_t)json_integer_value(json_object_get(entry->test, "tcId"));
    snprintf(entry->failure.comment, sizeof entry->failure.comment, "%s", comment ? comment : "");
    return err;
}

static void *work(void *context)
{
    struct pool *pool = context;
    struct slot slot[2] = {{NULL, 0}, {NULL, 0}};
    for (unsigned i; (i = atomic_fetch_add(&pool->next, 1)) < pool->file->entries;) {
        struct rk_diag diag;
        enum rk_err err = run_entry(pool, &pool->file->entry[i], slot, &diag);
        pthread_mutex_lock(&pool->lock);
        if (err && !pool->err) {
            pool->err = err;
            *pool->diag = diag;
            atomic_store(&pool->next, pool->file->entries);
        }
        pool->done++;
        if (pool->request->progress) {
            pool->request->progress(pool->request->progress_context, pool->done, pool->file->entries);
        }
        pthread_mutex_unlock(&pool->lock);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (slot[i].emulator) {
            pool->bench->driver->close(slot[i].emulator);
        }
    }
    return NULL;
}

static enum rk_err run_file(struct file *file, const struct rk_vectors_request *request, const struct rki_bench *bench,
                            struct rk_diag *diag)
{
    struct pool pool = {
        .request = request, .bench = bench, .file = file, .lock = PTHREAD_MUTEX_INITIALIZER, .diag = diag};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = request->jobs ? request->jobs : (unsigned)(cores > 0 ? cores : 1);
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    threads = threads < file->entries ? threads : file->entries;
    pthread_t thread[THREADS_MAX];
    unsigned started = 0;
    while (started + 1 < threads && pthread_create(&thread[started], NULL, work, &pool) == 0) {
        started++;
    }
    work(&pool);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
    }
    return pool.err;
}

static void collect(const struct file *file, struct rk_vectors_result *result)
{
    result->failure = calloc(file->entries + 1, sizeof *result->failure);
    RK_REQUIRE(result->failure != NULL);
    for (unsigned i = 0; i < file->entries; i++) {
        const struct entry *entry = &file->entry[i];
        switch (entry->outcome) {
        case ACCEPTABLE:
            result->acceptable++;
            result->passed++;
            break;
        case PASSED:
            result->passed++;
            break;
        case FAILED:
            result->failure[result->failed++] = entry->failure;
            break;
        case SKIPPED:
            count_skip(result, entry->skip);
            break;
        }
    }
}

enum rk_err rk_vectors_run(const struct rk_vectors_request *request, struct rk_vectors_result *result,
                           struct rk_diag *diag)
{
    struct file file = {.path = request->path};
    struct rki_bench bench;
    memset(result, 0, sizeof *result);
    enum rk_err err = parse(&file, diag);
    if (!err) {
        err = rki_bench_open(request->device, request->backend, &bench, diag);
    }
    if (!err) {
        err = plan_file(&file, request, &bench, result, diag);
    }
    if (!err) {
        err = run_file(&file, request, &bench, diag);
    }
    if (!err) {
        snprintf(result->algorithm, sizeof result->algorithm, "%s", file.algorithm);
        collect(&file, result);
    }
    json_decref(file.root);
    free(file.text);
    free(file.entry);
    return err;
}

void rk_vectors_result_free(struct rk_vectors_result *result)
{
    free(result->failure);
    result->failure = NULL;
}
