/* R26 to R28: the device, the service, and the whole cycle. */
#include <math.h>
#include <string.h>

#include "bench/audit/case.h"
#include "engine/model/approval.h"
#include "engine/model/limits.h"
#include "engine/study/platform_file.h"
#include "engine/study/needs.h"

/* R26 */

enum { FIT_DAYS = 7 };

static const struct rk_cost_row *row_of(const struct rk_trial *trial, const char *op)
{
    char name[64];
    const char *mechanism = rk_mechanism_name(trial->policy.mechanism);
    bool plain = trial->policy.mechanism == RK_MECHANISM_ECDH;
    snprintf(name, sizeof name, "%s%s%s", op, plain ? "" : "_", plain ? "" : mechanism);
    for (size_t i = 0; i < trial->costs.count; i++) {
        if (strcmp(trial->costs.row[i].op, name) == 0) {
            return &trial->costs.row[i];
        }
    }
    return NULL;
}

/* Memory, from the measured image that holds the whole lifecycle. */
static void memory(const struct rk_trial *trial, const struct rk_cost_row *cost, struct rk_audit_row *row)
{
    const struct rk_device_profile *device = trial->device;
    /* A library that does not claim to support the device is measured all the same. */
    if (cost->cycles_median == RK_NONE) {
        rk_counter(row, "%s on %s: %s", cost->op, device->name, cost->status);
        return;
    }
    uint64_t ram_bytes = (uint64_t)cost->ram_static_bytes + cost->stack_bytes + cost->heap_bytes;
    if ((uint64_t)cost->flash_bytes > device->flash_bytes || ram_bytes > device->ram_bytes) {
        rk_counter(row, "%s on %s takes %llu B of flash and %llu B of RAM; there are %llu and %llu", cost->op,
                   device->name, (unsigned long long)cost->flash_bytes, (unsigned long long)ram_bytes,
                   (unsigned long long)device->flash_bytes, (unsigned long long)device->ram_bytes);
    }
}

/* Time and wear, from a week of one device's life without loss. */
static struct rk_trial_result live(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_trial trial = *c->trial;
    struct rk_trial_result result;
    struct rk_diag diag = {""};
    trial.execution = RK_EXECUTION_MODELLED;
    trial.devices = 1;
    trial.horizon_ns = trial.horizon_ns < FIT_DAYS * RK_DAY ? trial.horizon_ns : FIT_DAYS * RK_DAY;
    trial.frame_loss_ppm = 0;
    trial.compromise_per_1e6y = 0;
    memset(&result, 0, sizeof result);
    if (rk_trial_run(&trial, &result, &diag) != RK_OK) {
        rk_counter(row, "the device does not live: %s", diag.text);
        return result;
    }
    double horizon_y = (double)c->trial->horizon_ns / (365.25 * (double)RK_DAY);
    if (result.metric[RK_METRIC_renewals_failed_per_d] > 0) {
        rk_counter(row, "renewals fail without a lost frame: %g a day", result.metric[RK_METRIC_renewals_failed_per_d]);
    }
    if (result.metric[RK_METRIC_nvm_life_y] < horizon_y) {
        rk_counter(row, "non-volatile memory wears out after %.3g years of the study's %.3g",
                   result.metric[RK_METRIC_nvm_life_y], horizon_y);
    }
    return result;
}

void rk_judge_r26(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_trial *trial = c->trial;
    struct rk_diag diag = {""};
    if (strcmp(c->point->status, "ok") != 0) {
        rk_counter(row, "%s with %s: %s", trial->device->name, c->library->name, c->point->status);
    } else if (rk_trial_feasible(trial, &diag) != RK_OK) {
        rk_counter(row, "%s", diag.text);
    }
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, 1, "an operation that the policy calls on does not fit the device");
        return;
    }
    const struct rk_cost_row *cost = row_of(trial, "key_renew");
    if (cost != NULL) {
        memory(trial, cost, row);
    } else {
        rk_counter(row, "no row of key_renew by %s on %s with %s was measured",
                   rk_mechanism_name(trial->policy.mechanism), trial->device->name, c->library->name);
    }
    struct rk_trial_result result = live(c, row);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, 4, "memory, time or wear exceed what the device has");
    } else {
        char renewal[48] = "no renewal in a week";
        if (!isnan(result.metric[RK_METRIC_rekey_latency_p50_s])) {
            snprintf(renewal, sizeof renewal, "%.2g s a renewal", result.metric[RK_METRIC_rekey_latency_p50_s]);
        }
        rk_pass(row, 4,
                "%s on %s: %llu of %llu B of flash, %llu of %llu B of RAM with stack and heap; %s; non-volatile memory "
                "lasts %.3g years",
                cost->op, trial->device->name, (unsigned long long)cost->flash_bytes,
                (unsigned long long)trial->device->flash_bytes,
                (unsigned long long)(cost->ram_static_bytes + cost->stack_bytes + cost->heap_bytes),
                (unsigned long long)trial->device->ram_bytes, renewal, result.metric[RK_METRIC_nvm_life_y]);
    }
}

/* R27 */

#define DAY_ns 86400000000000ull

/* Text of a message in a frame of the story. out: frames looked at. */
static uint64_t clear_text(const struct rk_duo *duo, struct rk_audit_row *row)
{
    enum { WINDOW_bytes = 8 };
    const struct rk_log *log = &duo->log;
    uint64_t looked_at = 0;
    for (size_t i = 0; i < log->frames; i++) {
        const struct rk_log_frame *frame = &log->frame[i];
        if (frame->kind != RK_FRAME_DATA) {
            continue;
        }
        looked_at++;
        for (uint32_t n = 0; n <= duo->sent[frame->from]; n++) {
            uint8_t text[WINDOW_bytes];
            rk_duo_text(n, text, sizeof text);
            if (memmem(frame->data, frame->bytes, text, sizeof text) != NULL) {
                rk_counter(row, "frame %zu of the %s carries text %u in the clear", i,
                           frame->from == RK_ROLE_DEVICE ? "device" : "server", n);
                break;
            }
        }
    }
    return looked_at;
}

/* Messages that one key protects at most, by time or count; INFINITY: without end. */
static double messages_per_key(const struct rk_trial *trial)
{
    const struct rk_policy *policy = &trial->policy;
    double messages = INFINITY, period_ns = (double)trial->message_period_ns;
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0) {
        messages = policy->messages;
    }
    if ((policy->triggers & RK_TRIGGER_INTERVAL) != 0) {
        messages = fmin(messages, (double)policy->interval_ns / period_ns);
    }
    if ((policy->triggers & RK_TRIGGER_SESSION) != 0 && trial->session_period_ns != 0) {
        messages = fmin(messages, (double)trial->session_period_ns / period_ns);
    }
    if (policy->cryptoperiod_ns != RK_NEVER_ns) {
        messages = fmin(messages, (double)policy->cryptoperiod_ns / period_ns);
    }
    if (policy->messages_max != 0) {
        messages = fmin(messages, policy->messages_max);
    }
    return fmin(messages, (double)trial->horizon_ns / period_ns);
}

/* The suite's limit on messages against what the study sends. */
static double limit(const struct rk_case *c, double messages, struct rk_audit_row *row)
{
    enum { ADVANTAGE_log2 = -50 };
    const struct rk_trial *trial = c->trial;
    struct rk_limits limits = {0};
    struct rk_diag diag = {""};
    const struct rk_limits_use use = {.alg = trial->aead,
                                      .tag_bytes = trial->tag_bytes,
                                      .key_bytes = trial->aead == RK_ALG_AES_CCM ? 16 : 32,
                                      .blocks = rk_limits_blocks(0, trial->message_bytes),
                                      .advantage_log2 = ADVANTAGE_log2,
                                      .offline_log2 = 0};
    double keys = fmax(1, (double)trial->horizon_ns / (double)trial->message_period_ns / fmax(1, messages));
    if (rk_limits_policy(&use, keys, &limits, &diag) != RK_OK) {
        rk_counter(row, "%s", diag.text);
        return 0;
    }
    if (log2(fmax(1, messages)) > limits.protected_log2) {
        rk_counter(row, "a key protects 2^%.1f messages, its limit at an advantage of 2^%d is 2^%.1f",
                   log2(fmax(1, messages)), ADVANTAGE_log2, limits.protected_log2);
    }
    return limits.protected_log2;
}

/* What the service's file needs against what the study gives. out: whether there is a service. */
static bool needs(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_service_profile *service = rk_study_service(c->study, c->point->index);
    struct rk_diag why;
    if (service != NULL && !rk_needs_settings_met(service, c->trial, &why)) {
        rk_counter(row, "%s", why.text);
    }
    return service != NULL;
}

/* What the platform's file says of the study's renewal; a study that it does not allow was not loaded. */
static void platform_text(const struct rk_case *c, char *text, size_t size)
{
    const struct rk_platform *platform = rk_study_platform(c->study, c->point->index);
    if (platform == NULL) {
        snprintf(text, size, "%s %s on the bare %s; no platform of key management is named", c->library->name,
                 c->library->version, c->trial->device->name);
        return;
    }
    const struct rk_platform_renewal *renewal = NULL;
    for (size_t i = 0; i < platform->renewals && renewal == NULL; i++) {
        bool same = platform->renewal[i].mechanism == c->trial->policy.mechanism;
        renewal = same ? &platform->renewal[i] : NULL;
    }
    snprintf(text, size, "%s allows suite, mechanism and interval; %s", platform->title,
             renewal == NULL ? "its file does not name this renewal" : renewal->rule);
}

void rk_judge_r27(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_approval_chain chain;
    uint32_t date = rk_case_date(c);
    if (c->story == NULL) {
        rk_counter(row, "%s", c->point->status);
        rk_fail_requirement(row, 1, "the study asks for approved algorithms and uses others");
        return;
    }
    uint64_t frames = clear_text(c->story, row);
    double messages = messages_per_key(c->trial);
    double limit_log2 = limit(c, messages, row);
    rk_approval_chain(c->trial, date, &chain);
    if (chain.worst.apply == RK_APPROVAL_DISALLOWED || chain.worst.apply == RK_APPROVAL_LEGACY) {
        rk_counter(row, "%s is %s at %u: %s", rk_primitive_name(chain.worst_primitive),
                   rk_approval_name(chain.worst.apply), date, chain.worst.clause);
    }
    bool served = needs(c, row);
    char platform[400];
    platform_text(c, platform, sizeof platform);
    uint64_t checks = frames + 2 + (served ? 3 : 0);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, checks, "what the service sends is not protected as it needs");
    } else {
        rk_pass(row, checks,
                "no text in %llu frames; a key protects 2^%.1f messages of at most 2^%.1f; the least approved "
                "algorithm at %u is %s: %s. Service: %s. Platform: %s",
                (unsigned long long)frames, log2(fmax(1, messages)), limit_log2, date,
                rk_primitive_name(chain.worst_primitive), rk_approval_name(chain.worst.apply),
                served ? "its tag, association class and renewal are met" : "none is named", platform);
    }
}

/* R28 */

/* The long-term keys are provisioned once and live as long as the study. */
static uint64_t long_term(const struct rk_case *c, struct rk_audit_row *row)
{
    static const struct {
        const char *name;
        uint8_t type;
    } keys[] = {
        {"authentication key", RK_KEY_SYMMETRIC_AUTHENTICATION},
        {"master key", RK_KEY_MASTER},
        {"key-wrapping key", RK_KEY_WRAPPING},
        {"storage key", RK_KEY_WRAPPING},
        {"backup key", RK_KEY_WRAPPING},
    };
    const struct rk_log *log = &c->story->log;
    uint64_t count = 0;
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        bool used = false;
        for (size_t i = 0; i < log->entries && !used; i++) {
            int value = log->entry[i].kind == RK_LOG_CALL ? log->entry[i].call.key : RK_NO_VALUE;
            used = value != RK_NO_VALUE && log->value[value].name != NULL &&
                   strcmp(log->value[value].name, keys[k].name) == 0;
        }
        count += used;
        uint64_t longest_ns = rk_key_type_originator_d(keys[k].type) * DAY_ns;
        if (used && c->trial->horizon_ns > longest_ns) {
            rk_counter(row, "the %s (%s) is in use over the study's %llu d; table 1 suggests %u d", keys[k].name,
                       rk_key_type_name(keys[k].type), (unsigned long long)(c->trial->horizon_ns / DAY_ns),
                       rk_key_type_originator_d(keys[k].type));
        }
    }
    return count;
}

/* What follows a compromise in the story: the key's end, and a successor. */
static uint64_t after_compromise(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    bool ended = false, replaced = false;
    for (size_t i = c->chapter[RK_CHAPTER_COMPROMISE]; i < c->chapter[RK_CHAPTER_COMPROMISE + 1]; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_RECORD || entry->party != RK_ROLE_DEVICE) {
            continue;
        }
        ended =
            ended || (entry->move.record.to == RK_STATE_DESTROYED && entry->move.record.reason == RK_REASON_COMPROMISE);
        replaced = replaced || (ended && entry->move.record.to == RK_STATE_ACTIVE);
    }
    if (!ended || !replaced) {
        rk_counter(row, "after a compromise the key %s", ended ? "has no successor" : "lives on");
    }
    return 1;
}

void rk_judge_r28(const struct rk_case *c, struct rk_audit_row *row)
{
    uint64_t period_ns = c->config.policy.cryptoperiod_ns;
    uint64_t longest_ns = rk_key_type_originator_d(RK_KEY_DATA_ENCRYPTION) * DAY_ns;
    uint64_t keys = 1 + long_term(c, row) + after_compromise(c, row);
    if (period_ns == RK_NEVER_ns) {
        rk_counter(row, "the traffic key (%s) has no cryptoperiod; table 1 suggests at most %u d",
                   rk_key_type_name(RK_KEY_DATA_ENCRYPTION), rk_key_type_originator_d(RK_KEY_DATA_ENCRYPTION));
    } else if (period_ns > longest_ns) {
        rk_counter(row, "the traffic key (%s) has a cryptoperiod of %llu d; table 1 suggests at most %u d",
                   rk_key_type_name(RK_KEY_DATA_ENCRYPTION), (unsigned long long)(period_ns / DAY_ns),
                   rk_key_type_originator_d(RK_KEY_DATA_ENCRYPTION));
    }
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, keys, "a key of the system has no type, period, or way out");
    } else {
        rk_pass(row, keys,
                "%llu kinds of keys in use, each of a type of table 1 and within its suggested cryptoperiod (traffic "
                "keys %llu d); after a compromise the key is destroyed and replaced; the officer is their custodian",
                (unsigned long long)(keys - 1), (unsigned long long)(period_ns / DAY_ns));
    }
}
