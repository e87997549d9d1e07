#include "bench/functions.h"

#include <fcntl.h>
#include <gelf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/operation_info.h"
#include "bench/bench_internal.h"
#include "bench/inputs.h"

enum { LOOKS = 20000 };

/* A function's code; ascending by begin. */
struct span {
    uint64_t begin, end, looks;
    char name[80];
};

struct session {
    struct rki_bench bench;
    struct rk_bench_peer peer;
    struct rk_emulator *device;
    struct rk_call call;
    struct span *span;
    size_t spans;
    uint64_t every, looks, elsewhere;
};

/* --- the image's functions --- */

/* A function of assembly may have no type, and no size: its code goes to the next one. Local labels and the mapping symbols of ARM are
 * none. */
static bool is_function(const GElf_Sym *symbol, const char *name)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    bool global = GELF_ST_BIND(symbol->st_info) != STB_LOCAL;
    return name != NULL && name[0] != '\0' && name[0] != '$' && name[0] != '.' && symbol->st_shndx != SHN_UNDEF &&
           (type == STT_FUNC || (type == STT_NOTYPE && global));
}

static bool is_code(Elf *elf, const GElf_Sym *symbol)
{
    GElf_Shdr header;
    Elf_Scn *section = symbol->st_shndx < SHN_LORESERVE ? elf_getscn(elf, symbol->st_shndx) : NULL;
    return section != NULL && gelf_getshdr(section, &header) != NULL && (header.sh_flags & SHF_EXECINSTR) != 0;
}

static void take_symbols(struct session *session, Elf *elf, Elf_Scn *section, const GElf_Shdr *header, bool thumb)
{
    Elf_Data *data = elf_getdata(section, NULL);
    for (size_t i = 0; data != NULL && i < header->sh_size / header->sh_entsize; i++) {
        GElf_Sym symbol;
        const char *name =
            gelf_getsym(data, (int)i, &symbol) != NULL ? elf_strptr(elf, header->sh_link, symbol.st_name) : NULL;
        if (name == NULL || !is_function(&symbol, name) || !is_code(elf, &symbol)) {
            continue;
        }
        struct span *grown = realloc(session->span, (session->spans + 1) * sizeof *grown);
        RK_REQUIRE(grown != NULL);
        session->span = grown;
        uint64_t begin = thumb ? symbol.st_value & ~UINT64_C(1) : symbol.st_value;
        struct span *span = &grown[session->spans++];
        *span = (struct span){.begin = begin, .end = symbol.st_size > 0 ? begin + symbol.st_size : 0};
        snprintf(span->name, sizeof span->name, "%.*s", (int)strcspn(name, "."), name);
    }
}

/* Of one address, that with a size stands last, where it is found. */
static int by_begin(const void *a, const void *b)
{
    const struct span *one = a, *other = b;
    if (one->begin != other->begin) {
        return one->begin < other->begin ? -1 : 1;
    }
    return one->end != other->end ? (one->end < other->end ? -1 : 1) : strcmp(other->name, one->name);
}

static enum rk_err read_functions(struct session *session, const char *path, struct rk_diag *diag)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    elf_version(EV_CURRENT);
    Elf *elf = file >= 0 ? elf_begin(file, ELF_C_READ, NULL) : NULL;
    GElf_Ehdr head;
    bool thumb = elf != NULL && gelf_getehdr(elf, &head) != NULL && head.e_machine == EM_ARM;
    for (Elf_Scn *section = NULL; elf != NULL && (section = elf_nextscn(elf, section)) != NULL;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_SYMTAB && header.sh_entsize > 0) {
            take_symbols(session, elf, section, &header, thumb);
        }
    }
    elf_end(elf);
    if (file >= 0) {
        close(file);
    }
    if (session->spans == 0) {
        return rk_fail(diag, RK_ERR_IO, "%s: no functions, expected an image with symbols", path);
    }
    qsort(session->span, session->spans, sizeof *session->span, by_begin);
    for (size_t i = 0; i < session->spans; i++) {
        struct span *span = &session->span[i];
        for (size_t next = i + 1; span->end == 0 && next < session->spans; next++) {
            span->end = session->span[next].begin > span->begin ? session->span[next].begin : 0;
        }
    }
    return RK_OK;
}

/* --- the call, looked at --- */

static struct span *span_of(const struct session *session, uint64_t pc)
{
    size_t low = 0, high = session->spans;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (session->span[middle].begin <= pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && pc < session->span[low - 1].end ? &session->span[low - 1] : NULL;
}

static uint64_t look(void *context, uint64_t step)
{
    struct session *session = context;
    struct rk_open_calls calls;
    session->bench.driver->open_calls(session->device, &calls);
    struct span *span = span_of(session, calls.pc);
    session->looks++;
    if (span != NULL) {
        span->looks++;
    } else {
        session->elsewhere++;
    }
    return step + session->every;
}

static enum rk_err call_again(struct session *session, uint64_t first, struct rk_diag *diag)
{
    const struct rk_emulator_driver *driver = session->bench.driver;
    struct rk_call call = session->call;
    if (driver->rewind(session->device) != RK_OK) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s does not start again: %s", session->bench.device.name,
                       driver->reason(session->device));
    }
    driver->visit(session->device, first, look, session);
    return driver->call(session->device, &call) == RK_CALL_OK
               ? RK_OK
               : rk_fail(diag, RK_ERR_EMULATOR, "a call on %s does not repeat itself: %s", session->bench.device.name,
                         driver->reason(session->device));
}

/* Calls once for the cost, and again with looks. out: of->status says why where there is none. */
static enum rk_err run(struct session *session, struct rk_functions *of, struct rk_diag *diag)
{
    const struct rk_emulator_driver *driver = session->bench.driver;
    struct rk_call call = session->call;
    const char *status;
    enum rk_err err = rki_bench_call_status(&session->bench, session->device, driver->call(session->device, &call),
                                            of->status, &status, diag);
    if (err || status != NULL || call.result != RK_CRYPTO_OK) {
        if (!err && status == NULL) {
            snprintf(of->status, sizeof of->status, "%s",
                     call.result == RK_CRYPTO_UNSUPPORTED ? "not provided by the library"
                                                          : "the library reported a failure");
        }
        return err;
    }
    of->cycles = call.cost.cycles;
    uint64_t steps =
        call.cost.has_instructions && strcmp(driver->name, "qemu") == 0 ? call.cost.instructions : call.cost.cycles;
    session->every = steps / LOOKS + 1;
    return call_again(session, session->every / 2 + 1, diag);
}

/* --- the result --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rk_function *)a)->name, ((const struct rk_function *)b)->name);
}

static void add_function(struct rk_functions *of, const char *name, uint64_t looks, uint64_t all)
{
    size_t i = 0;
    while (i < of->count && strcmp(of->function[i].name, name) != 0) {
        i++;
    }
    if (looks == 0) {
        return;
    }
    if (i == of->count) {
        snprintf(of->function[of->count++].name, sizeof of->function->name, "%s", name);
    }
    of->function[i].looks += looks;
    of->function[i].cycles += (double)looks / (double)all * (double)of->cycles;
}

static void gather(const struct session *session, struct rk_functions *of)
{
    of->function = calloc(session->spans + 1, sizeof *of->function);
    RK_REQUIRE(of->function != NULL);
    of->looks = session->looks;
    for (size_t i = 0; i < session->spans; i++) {
        add_function(of, session->span[i].name, session->span[i].looks, session->looks);
    }
    add_function(of, "(code without a name)", session->elsewhere, session->looks);
    qsort(of->function, of->count, sizeof *of->function, by_name);
}

static enum rk_err open_devices(struct session *session, const char *image, struct rk_diag *diag)
{
    const struct rki_bench *bench = &session->bench;
    const struct rk_device_profile host = {.name = "host", .emulator = "host", .nvm_bytes = bench->device.nvm_bytes};
    session->peer.driver = rk_emulator_driver_find("host");
    RK_REQUIRE(session->peer.driver != NULL);
    enum rk_err err =
        session->peer.driver->open(&session->peer.emulator, &host, rk_firmware_image(&bench->host, RK_OP_empty), diag);
    err = err ? err : bench->driver->open(&session->device, &bench->device, image, diag);
    return err;
}

static enum rk_err measure(struct session *session, int operation, struct rk_functions *of, struct rk_diag *diag)
{
    const char *image = rk_firmware_image(&session->bench.firmware, (unsigned)operation);
    if (image == NULL) {
        snprintf(of->status, sizeof of->status, "%s",
                 rk_firmware_reason(&session->bench.firmware, (unsigned)operation));
        return RK_OK;
    }
    enum rk_err err = open_devices(session, image, diag);
    err = err ? err : read_functions(session, image, diag);
    err = err ? err : rk_bench_inputs(operation, of->size_bytes, 0, 0, &session->peer, &session->call, diag);
    err = err ? err : run(session, of, diag);
    if (err == RK_OK && session->looks > 0) {
        gather(session, of);
        snprintf(of->status, sizeof of->status, "ok");
    }
    return err;
}

enum rk_err rk_functions_measure(const char *device, const char *backend, const char *op, uint32_t size_bytes,
                                 struct rk_functions *of, struct rk_diag *diag)
{
    int operation;
    struct session *session = calloc(1, sizeof *session);
    RK_REQUIRE(session != NULL);
    memset(of, 0, sizeof *of);
    enum rk_err err = rk_bench_find_operation(op, &operation, diag);
    err = err ? err : rki_bench_open(device, backend, &session->bench, diag);
    if (err == RK_OK && (session->bench.driver->visit == NULL || session->bench.driver->open_calls == NULL)) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: its emulator cannot be looked into, expected another device", device);
    }
    if (err == RK_OK) {
        const char *sizes = rk_operation_info((unsigned)operation)->sizes;
        of->size_bytes = size_bytes != UINT32_MAX ? size_bytes : (uint32_t)strtoul(sizes, NULL, 10);
        snprintf(of->library, sizeof of->library, "%.40s@%.32s", session->bench.firmware.backend,
                 session->bench.firmware.version);
        err = measure(session, operation, of, diag);
    }
    if (session->device != NULL) {
        session->bench.driver->close(session->device);
    }
    if (session->peer.emulator != NULL) {
        session->peer.driver->close(session->peer.emulator);
    }
    free(session->span);
    free(session);
    if (err != RK_OK) {
        rk_functions_fini(of);
    }
    return err;
}

void rk_functions_fini(struct rk_functions *of)
{
    free(of->function);
    of->function = NULL;
    of->count = 0;
}

/* --- two of them --- */

static double deviation(const struct rk_functions *of, double cycles)
{
    double part = of->cycles == 0 ? 0 : cycles / (double)of->cycles;
    return of->looks >= of->cycles ? 0 : sqrt(part * (1 - part) / (double)of->looks) * (double)of->cycles;
}

static int by_difference(const void *a, const void *b)
{
    const struct rk_function_change *one = a, *other = b;
    double left = fabs(one->current - one->base), right = fabs(other->current - other->base);
    return left > right ? -1 : left < right ? 1 : strcmp(one->name, other->name);
}

struct rk_function_change *rk_functions_compare(const struct rk_functions *base, const struct rk_functions *current,
                                                size_t *count)
{
    struct rk_function_change *change = calloc(base->count + current->count + 1, sizeof *change);
    RK_REQUIRE(change != NULL);
    *count = 0;
    for (size_t i = 0, j = 0; i < base->count || j < current->count;) {
        int order = i == base->count      ? 1
                    : j == current->count ? -1
                                          : by_name(&base->function[i], &current->function[j]);
        struct rk_function_change *to = &change[*count];
        *to = (struct rk_function_change){.base = order <= 0 ? base->function[i].cycles : 0,
                                          .current = order >= 0 ? current->function[j].cycles : 0};
        snprintf(to->name, sizeof to->name, "%s", order <= 0 ? base->function[i].name : current->function[j].name);
        double doubt = 3 * hypot(deviation(base, to->base), deviation(current, to->current));
        *count += fabs(to->current - to->base) > doubt;
        i += order <= 0;
        j += order >= 0;
    }
    qsort(change, *count, sizeof *change, by_difference);
    return change;
}
