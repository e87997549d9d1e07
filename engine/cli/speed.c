/* engine/cli/speed.c - `rekeylab speed`: the engine's own benchmark, beside its peers where they are installed */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/engine/contest.h"
#include "engine/cli/cli.h"
#include "engine/cli/environment.h"
#include "engine/cli/options.h"
#include "engine/core/fields.h"
#include "engine/core/progress.h"
#include "engine/model/stretch.h"
#include "engine/sim/tier.h"

enum { PEERS_MAX = 2, ROUNDS = 5, ROUNDS_QUICK = 1, MANY = 1000000, ROUNDS_MANY = 3, PATH_SIZE = 4096 };

/* Of Cimba, events a second of the bare fleet of 10^4: bench/engine/README.md. */
#define CIMBA_FLEET 3.233e6

struct speed {
    const char *works;
    unsigned long rounds;
    bool peers, json, quick;
    const struct rk_peer *peer[PEERS_MAX];
    json_t *rows;
    struct rk_trial trial;
    struct rk_contest contest;
};

static const struct known_peer {
    const char *module, *name, *package;
} known_peers[PEERS_MAX] = {
    {"ns3", "ns-3", "libns3-dev"},
    {"simgrid", "SimGrid", "libsimgrid-dev"},
};

/* Beside the program's bin there is lib. out: NULL where the module was not built. */
static const struct rk_peer *open_peer(const char *module)
{
    char program[PATH_SIZE], path[PATH_SIZE + 64];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length < 0 ? 0 : length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL) {
        return NULL;
    }
    *slash = '\0';
    snprintf(path, sizeof path, "%s/../lib/librekeylab_peer_%s.so", program, module);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library == NULL ? NULL : dlsym(library, RK_PEER_OPEN);
    rk_peer_open *open_module;
    memcpy(&open_module, &symbol, sizeof open_module);
    return symbol == NULL ? NULL : open_module();
}

static enum rk_err open_peers(struct speed *speed, struct rk_diag *diag)
{
    for (size_t i = 0; i < PEERS_MAX && speed->peers; i++) {
        speed->peer[i] = open_peer(known_peers[i].module);
        if (speed->peer[i] == NULL) {
            return rk_fail(diag, RK_ERR_MISSING,
                           "%s is not installed: apt-get install --no-install-recommends g++ %s, then again through "
                           "./rekeylab",
                           known_peers[i].name, known_peers[i].package);
        }
    }
    return RK_OK;
}

/* Most pending events with which a peer's scheduler is run: beyond, one run of it takes minutes, and none of these was
 * ever the fastest of its peer there. */
static uint32_t most_pending(const char *variant)
{
    static const struct {
        const char *variant;
        uint32_t most;
    } slow[] = {{"map", 100000}, {"map, Remove", 10000}, {"heap", 10000}, {"calendar", 10000}, {"timers", 100000}};
    for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++) {
        if (strcmp(variant, slow[i].variant) == 0) {
            return slow[i].most;
        }
    }
    return UINT32_MAX;
}

/* The peers' schedulers; what does not run has a row that says why. */
static void add_peers(struct speed *speed, enum rk_work work, rk_ns horizon_ns, bool nodes)
{
    struct rk_contest *contest = &speed->contest;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        const struct rk_peer *peer = speed->peer[i];
        if (peer == NULL) {
            struct rk_contender *missing = rk_contest_add(contest, known_peers[i].name);
            snprintf(missing->status, sizeof missing->status,
                     "not run: only with --peers, which takes package %s (apt-get install %s)", known_peers[i].package,
                     known_peers[i].package);
            continue;
        }
        for (unsigned variant = 0; peer->variants[variant] != NULL; variant++) {
            char name[48];
            snprintf(name, sizeof name, "%s %s", peer->name, peer->variants[variant]);
            struct rk_contender *contender = rk_contest_add(contest, name);
            contender->runs = nodes ? rk_contender_peer_trial : rk_contender_peer;
            contender->work = work;
            contender->horizon_ns = horizon_ns;
            contender->peer = peer;
            contender->variant = variant;
            contender->trial = speed->trial;
            contender->trial.devices = contest->n;
            contender->apart = true;
            if (contest->n > most_pending(peer->variants[variant])) {
                snprintf(contender->status, sizeof contender->status,
                         "not run: slow beyond %u pending events, and never the fastest",
                         most_pending(peer->variants[variant]));
            }
        }
    }
}

/* The fastest of the peers, by mean rate, is whom ours are compared with; it is known after the run. */
static void choose_base(struct speed *speed, const char *module_name)
{
    struct rk_contest *contest = &speed->contest;
    double best = 0;
    for (size_t i = 0; i < contest->count; i++) {
        const struct rk_contender *contender = &contest->contender[i];
        double sum = 0;
        for (unsigned round = 0; round < contest->rounds; round++) {
            sum += contender->rate[round];
        }
        if (contender->peer != NULL && strcmp(contender->peer->name, module_name) == 0 && sum > best) {
            best = sum;
            contest->base = i;
        }
    }
}

static enum rk_err finish(struct speed *speed, struct rk_diag *diag)
{
    struct rk_contest *contest = &speed->contest;
    enum rk_err err = rk_contest_run(contest, diag);
    choose_base(speed, known_peers[0].name);
    rk_contest_json(contest, speed->rows);
    if (!speed->json) {
        rk_contest_print(contest, stdout);
        fflush(stdout);
    }
    return err;
}

static struct rk_contest *begin(struct speed *speed, const char *work, uint32_t n)
{
    memset(&speed->contest, 0, sizeof speed->contest);
    speed->contest.work = work;
    speed->contest.n = n;
    speed->contest.rounds = (unsigned)speed->rounds;
    if (n >= MANY && speed->contest.rounds > ROUNDS_MANY) {
        speed->contest.rounds = ROUNDS_MANY;
    }
    return &speed->contest;
}

/* One of the bare models. target: of the queue that a tier would take, against the best of ns-3. */
static enum rk_err queues(struct speed *speed, enum rk_work work, uint32_t n, double horizon_s, double target,
                          double published, double published_target, struct rk_diag *diag)
{
    static const char *const names[RK_QUEUE_KINDS] = {"heap", "buckets", "wheel"};
    struct rk_contest *contest = begin(speed, rk_work_name(work), n);
    rk_ns horizon_ns = (rk_ns)(horizon_s * 1e9);
    enum rk_queue_kind taken = work == RK_WORK_CANCEL ? RK_QUEUE_WHEEL : RK_QUEUE_BUCKETS;
    for (unsigned kind = 0; kind < RK_QUEUE_KINDS; kind++) {
        struct rk_contender *contender = rk_contest_add(contest, names[kind]);
        contender->runs = rk_contender_queue;
        contender->work = work;
        contender->horizon_ns = horizon_ns;
        contender->variant = kind;
        contender->trial.devices = n;
        contender->target = kind == taken && speed->peers ? target : 0; /* without peers there is no base for it */
        contender->published = kind == taken ? published : 0;
        contender->published_target = kind == taken ? published_target : 0;
    }
    add_peers(speed, work, horizon_ns, false);
    return finish(speed, diag);
}

/* Events that a run has, about; of a million pending ones each has several. The last figures are Cimba's, and how many
 * times these are wanted. */
static enum rk_err run_queues(struct speed *speed, enum rk_work work, struct rk_diag *diag)
{
    const double events = speed->quick ? 2e5 : 3e6, many = 8e6;
    enum rk_err err = RK_OK;
    switch (work) {
    case RK_WORK_HOLD:
        err = queues(speed, work, 1000, events / 1e3, 0, 6.833e6, 0, diag);
        if (!err) {
            err = queues(speed, work, 100000, events / 1e5, 0, 3.629e6, 0, diag);
        }
        return err || speed->quick ? err : queues(speed, work, MANY, many / MANY, 0, 0.933e6, 0, diag);
    case RK_WORK_CANCEL:
        return queues(speed, work, 10000, events / 1e4, 0, 3.183e6, 0, diag);
    case RK_WORK_PHOLD:
        return queues(speed, work, 100000, events * 1.1 / 1e5, 6, 2.193e6, 6, diag);
    default:
        err = queues(speed, work, 10000, events / 1e4 * 30, 8, CIMBA_FLEET, 6, diag);
        return err || speed->quick ? err : queues(speed, work, MANY, many / MANY * 30, 0, 0.762e6, 8, diag);
    }
}

static struct rk_contender *add_trial(struct speed *speed, const char *engine, enum rk_tier tier)
{
    struct rk_contender *contender = rk_contest_add(&speed->contest, engine);
    struct rk_tier_choice choice;
    struct rk_diag diag = {.text = ""};
    contender->runs = rk_contender_trial;
    contender->trial = speed->trial;
    contender->trial.devices = speed->contest.n;
    contender->trial.tier = tier;
    if (rk_tier_choose(&contender->trial, &choice, &diag) != RK_OK) {
        snprintf(contender->status, sizeof contender->status, "%.*s", (int)sizeof contender->status - 1, diag.text);
    }
    return contender;
}

/* By all kernels. in: what is said of the renewals. */
static enum rk_err timelines(struct speed *speed, const char *renew, rk_ns renew_ns, rk_ns horizon_ns,
                             struct rk_diag *diag)
{
    struct rk_trial as_written = speed->trial;
    begin(speed, "timelines", 100);
    speed->trial.horizon_ns = horizon_ns;
    speed->trial.policy.interval_ns = renew_ns;
    speed->trial.policy.cryptoperiod_ns = 2 * renew_ns;
    char name[64];
    snprintf(name, sizeof name, "reference%s", renew);
    add_trial(speed, name, RK_TIER_REFERENCE);
    snprintf(name, sizeof name, "queue%s", renew);
    add_trial(speed, name, RK_TIER_QUEUE);
    for (uint8_t kernel = RK_KERNEL_SCALAR; kernel < RK_KERNEL_COUNT; kernel++) {
        if (rk_kernel_present(kernel)) {
            snprintf(name, sizeof name, "timelines %s%s", rk_kernel_name(kernel), renew);
            struct rk_contender *contender = add_trial(speed, name, RK_TIER_TIMELINES);
            contender->trial.kernel = kernel;
            contender->published = CIMBA_FLEET;
            contender->published_target = kernel == RK_KERNEL_SCALAR ? 100 : 250;
        }
    }
    add_peers(speed, RK_WORK_FLEET, 0, true);
    speed->trial = as_written;
    return finish(speed, diag);
}

/* As fleet.yaml has it; a day, as the bare model fleet, which Cimba ran; a month. */
static enum rk_err run_timelines(struct speed *speed, struct rk_diag *diag)
{
    enum rk_err err = timelines(speed, "", RK_DAY / 4, (speed->quick ? 1 : 5) * RK_DAY, diag);
    err = err ? err : timelines(speed, ", renewal each 1 d", RK_DAY, (speed->quick ? 2 : 10) * RK_DAY, diag);
    return err ? err : timelines(speed, ", renewal each 30 d", 30 * RK_DAY, (speed->quick ? 2 : 60) * RK_DAY, diag);
}

/* Devices of a cell, and of all. */
static enum rk_err cells(struct speed *speed, uint32_t cell_devices, uint32_t devices, rk_ns horizon_ns,
                         struct rk_diag *diag)
{
    begin(speed, "cells", devices);
    struct rk_trial own_channels = speed->trial;
    speed->trial.horizon_ns = horizon_ns;
    speed->trial.cell_devices = cell_devices;
    add_trial(speed, "reference", RK_TIER_REFERENCE);
    add_trial(speed, "queue", RK_TIER_QUEUE);
    char name[48];
    snprintf(name, sizeof name, "cells of %u", cell_devices);
    struct rk_contender *contender = add_trial(speed, name, RK_TIER_CELLS);
    contender->published = CIMBA_FLEET;
    contender->published_target = 20;
    add_peers(speed, RK_WORK_FLEET, 0, true);
    speed->trial = own_channels;
    return finish(speed, diag);
}

static enum rk_err run_cells(struct speed *speed, struct rk_diag *diag)
{
    rk_ns horizon_ns = (speed->quick ? 1 : 40) * (RK_DAY / 24);
    enum rk_err err = cells(speed, 50, 200, horizon_ns, diag);
    return err ? err : cells(speed, 1000, 1000, horizon_ns / 5, diag);
}

/* Events of lifetime mode are those of the same trial in the exact mode, which it spares. Devices share nothing: nobody
 * waits at the key server. */
static void renew_each(struct speed *speed, rk_ns renew_ns, rk_ns horizon_ns)
{
    speed->trial.horizon_ns = horizon_ns;
    speed->trial.policy.interval_ns = renew_ns;
    speed->trial.policy.cryptoperiod_ns = 2 * renew_ns;
    speed->trial.server_time_ns = 0;
}

static struct rk_contender *add_lifetime(struct speed *speed)
{
    speed->trial.lifetime = true;
    struct rk_contender *contender = add_trial(speed, "lifetime", RK_TIER_TIMELINES);
    contender->no_checksum = true;
    return contender;
}

static enum rk_err lifetime(struct speed *speed, uint32_t devices, rk_ns renew_ns, rk_ns horizon_ns, double target,
                            struct rk_diag *diag)
{
    begin(speed, "lifetime", devices);
    struct rk_trial exact = speed->trial;
    renew_each(speed, renew_ns, horizon_ns);
    add_trial(speed, "queue", RK_TIER_QUEUE);
    add_trial(speed, "timelines", RK_TIER_TIMELINES);
    add_lifetime(speed)->target = target;
    speed->trial = exact;
    return finish(speed, diag);
}

/* As in the fleet, and ten years with a renewal a month. */
static enum rk_err run_lifetime(struct speed *speed, struct rk_diag *diag)
{
    enum rk_err err = lifetime(speed, 20, RK_DAY / 4, (speed->quick ? 4 : 30) * RK_DAY, 0, diag);
    return err ? err : lifetime(speed, 10, 30 * RK_DAY, (speed->quick ? 40 : 3652) * RK_DAY, 5000, diag);
}

/* Ten years of a message an hour and a renewal a month, in lifetime mode alone. */
static enum rk_err run_decade(struct speed *speed, struct rk_diag *diag)
{
    enum { YEARS_10_d = 3652 };
    begin(speed, "decade", speed->quick ? MANY / 100 : MANY);
    struct rk_trial exact = speed->trial;
    renew_each(speed, 30 * RK_DAY, YEARS_10_d * RK_DAY);
    speed->trial.message_period_ns = RK_DAY / 24;
    add_lifetime(speed)->target_s = speed->quick ? 0 : 60;
    speed->trial = exact;
    return finish(speed, diag);
}

/* Cells of one trial. */
static enum rk_err cell_threads(struct speed *speed, struct rk_diag *diag)
{
    begin(speed, "threads", 5000);
    struct rk_trial own_channels = speed->trial;
    speed->trial.horizon_ns = (speed->quick ? 2 : 40) * (RK_DAY / 24);
    speed->trial.cell_devices = 50;
    for (unsigned threads = 1; threads <= 2; threads++) {
        char name[48];
        snprintf(name, sizeof name, "cells of 50, %u thread%s", threads, threads == 1 ? "" : "s");
        struct rk_contender *contender = add_trial(speed, name, RK_TIER_CELLS);
        contender->trial.threads = threads;
        contender->target = threads == 2 ? 1.8 : 0;
    }
    speed->trial = own_channels;
    return finish(speed, diag);
}

/* Ratio 2 is an efficiency of 1. */
static enum rk_err run_threads(struct speed *speed, struct rk_diag *diag)
{
    begin(speed, "threads", 100);
    for (unsigned threads = 1; threads <= 2; threads++) {
        char name[48];
        snprintf(name, sizeof name, "%u thread%s", threads, threads == 1 ? "" : "s");
        struct rk_contender *contender = rk_contest_add(&speed->contest, name);
        contender->runs = rk_contender_threads;
        contender->variant = threads;
        contender->trial = speed->trial;
        contender->trial.devices = speed->contest.n;
        contender->trial.horizon_ns = (speed->quick ? 2 : 20) * RK_DAY;
        contender->target = threads == 2 ? 1.8 : 0;
    }
    enum rk_err err = finish(speed, diag);
    return err ? err : cell_threads(speed, diag);
}

/* out: the most memory that a trial's process ever had; 0 when it failed. */
static uint64_t peak_bytes(struct rk_trial trial, uint32_t devices)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rk_trial_result result;
        trial.devices = devices;
        _exit(rk_trial_run(&trial, &result, NULL) == RK_OK ? 0 : 1);
    }
    struct rusage usage;
    int status = 1;
    bool ended = child > 0 && wait4(child, &status, 0, &usage) == child && status == 0;
    return ended ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

static enum rk_err run_memory(struct speed *speed, struct rk_diag *diag)
{
    static const enum rk_tier tiers[] = {RK_TIER_QUEUE, RK_TIER_TIMELINES};
    uint32_t devices = speed->quick ? 10000 : 100000;
    (void)diag;
    for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++) {
        struct rk_trial trial = speed->trial;
        trial.tier = tiers[i];
        trial.horizon_ns = 10 * 60 * RK_S;
        double bytes = ((double)peak_bytes(trial, devices) - (double)peak_bytes(trial, 1)) / devices;
        json_array_append_new(speed->rows,
                              json_pack("{s:s, s:s, s:I, s:s, s:f, s:f, s:b}", "work", "memory", "engine",
                                        rk_tier_name(tiers[i]), "n", (json_int_t)devices, "status", "ok",
                                        "bytes_per_device", bytes, "target", 262.144, "target_met", bytes <= 262.144));
        if (!speed->json) {
            printf("%-10s %9u  %-24s %9.1f B a device, at most 262 wanted\n", "memory", devices, rk_tier_name(tiers[i]),
                   bytes);
        }
    }
    return RK_OK;
}

static enum rk_err run_limit(struct speed *speed, struct rk_diag *diag)
{
    (void)diag;
    for (size_t bytes = 16 << 10; bytes <= (speed->quick ? 16u << 20 : 1u << 30); bytes *= 16) {
        double dependent_ns, independent_ns;
        rk_speed_memory(bytes, &dependent_ns, &independent_ns);
        json_array_append_new(speed->rows, json_pack("{s:s, s:s, s:I, s:s, s:f, s:f}", "work", "limit", "engine",
                                                     "memory of this machine", "n", (json_int_t)bytes, "status", "ok",
                                                     "dependent_ns", dependent_ns, "independent_ns", independent_ns));
        if (!speed->json) {
            printf("%-10s %9zu  %-24s %9.2f ns an access that waits for the last, %.2f ns one that does not\n", "limit",
                   bytes, "bytes at random", dependent_ns, independent_ns);
        }
    }
    return RK_OK;
}

static enum rk_err run_hold(struct speed *speed, struct rk_diag *diag)
{
    return run_queues(speed, RK_WORK_HOLD, diag);
}

static enum rk_err run_cancel(struct speed *speed, struct rk_diag *diag)
{
    return run_queues(speed, RK_WORK_CANCEL, diag);
}

static enum rk_err run_phold(struct speed *speed, struct rk_diag *diag)
{
    return run_queues(speed, RK_WORK_PHOLD, diag);
}

static enum rk_err run_fleet(struct speed *speed, struct rk_diag *diag)
{
    return run_queues(speed, RK_WORK_FLEET, diag);
}

static const struct work {
    const char *name;
    enum rk_err (*run)(struct speed *speed, struct rk_diag *diag);
} works[] = {
    {"limit", run_limit},   {"hold", run_hold},       {"cancel", run_cancel},       {"phold", run_phold},
    {"fleet", run_fleet},   {"cells", run_cells},     {"timelines", run_timelines}, {"lifetime", run_lifetime},
    {"decade", run_decade}, {"threads", run_threads}, {"memory", run_memory},
};

enum { WORKS = sizeof works / sizeof works[0] };

static bool is_wanted(const char *list, const char *name)
{
    size_t length = strlen(name);
    if (strcmp(list, "all") == 0) {
        return true;
    }
    for (const char *at = list; at != NULL; at = strchr(at, ','), at = at == NULL ? NULL : at + 1) {
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static enum rk_err check_works(const char *list, struct rk_diag *diag)
{
    const char *names[WORKS + 2] = {"all"};
    for (size_t i = 0; i < WORKS; i++) {
        names[i + 1] = works[i].name;
    }
    for (const char *at = list; at != NULL; at = strchr(at, ','), at = at == NULL ? NULL : at + 1) {
        char name[32];
        bool known = strcmp(list, "all") == 0;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        for (size_t i = 0; i < WORKS; i++) {
            known = known || strcmp(works[i].name, name) == 0;
        }
        if (!known) {
            return rk_unknown_name("workload", name, names, diag);
        }
    }
    return RK_OK;
}

static enum rk_err run_works(void *context, const struct rk_sweep *sweep, const struct rk_cli_environment *environment,
                             struct rk_diag *diag)
{
    struct speed *speed = context;
    (void)environment;
    if (strcmp(sweep->point[0].status, "ok") != 0) {
        return rk_fail(diag, RK_ERR_MISSING, "bench/engine/fleet.yaml cannot run: %s", sweep->point[0].status);
    }
    speed->trial = sweep->point[0].trial;
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < WORKS && err == RK_OK; i++) {
        if (is_wanted(speed->works, works[i].name)) {
            err = works[i].run(speed, diag);
        }
    }
    return err;
}

static enum rk_err run(void *options, char **argument, size_t count, struct rk_diag *diag)
{
    static struct rk_study study;
    struct speed *speed = options;
    char path[PATH_SIZE];
    (void)argument, (void)count;
    if (speed->rounds == 0) {
        speed->rounds = speed->quick ? ROUNDS_QUICK : ROUNDS;
    }
    if (speed->rounds > RK_ROUNDS_MAX) {
        return rk_fail(diag, RK_ERR_INPUT, "--repeat %lu, expected 1 to %d", speed->rounds, RK_ROUNDS_MAX);
    }
    enum rk_err err = check_works(speed->works, diag);
    err = err ? err : open_peers(speed, diag);
    if (err) {
        return err;
    }
    snprintf(path, sizeof path, "%s/bench/engine/fleet.yaml", rk_cli_root());
    const struct rk_cli_environment environment = {.jobs = 1, .quiet = true, .recorded_first = true};
    speed->rows = json_array();
    err = rk_study_load(&study, rk_cli_root(), path, NULL, 0, diag);
    err = err ? err : rk_cli_sweep(&environment, &study, run_works, speed, diag);
    rk_study_fini(&study);
    if (speed->json && (err == RK_OK || err == RK_ERR_CHECK)) {
        struct rk_diag printing;
        enum rk_err printed = rk_cli_print_json(speed->rows, &printing);
        err = err ? err : printed;
    } else {
        json_decref(speed->rows);
    }
    return err;
}

int rk_cli_speed(int argc, char **argv)
{
    static struct speed speed = {.works = "all"};
    const struct rk_option table[] = {
        {"--work", NULL, "LIST", "limit,hold,cancel,phold,fleet,cells,timelines,lifetime,decade,threads,memory or all",
         RK_OPTION_TEXT, &speed.works},
        {"--peers", NULL, NULL, "also ns-3 and SimGrid, which must be installed", RK_OPTION_FLAG, &speed.peers},
        {"--repeat", NULL, "N", "runs of each engine, interleaved (default 5)", RK_OPTION_NUMBER, &speed.rounds},
        {"--quick", NULL, NULL, "small and once: do all engines agree?", RK_OPTION_FLAG, &speed.quick},
        RK_OPTION_JSON(&speed.json),
    };
    const struct rk_command command = {
        .name = "speed",
        .arguments = "",
        .summary =
            "The engine's own benchmark: events a second, as ratios between engines that give the same checksum.\n"
            "What is measured, and what was: bench/engine/README.md",
        .example = "rekeylab speed --quick --work hold,fleet",
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &speed);
}
