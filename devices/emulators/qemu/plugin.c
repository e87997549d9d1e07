/* devices/emulators/qemu/plugin.c - counts instructions by class, stops at markers, cuts power
 *
 * A segment is a straight run of instructions. Its counts are fixed at translation, and one callback runs when it is
 * entered. What depends on the instruction executed before (pipelining, refill) is decided there, between segments, by
 * the same rules that apply within one; so the result does not depend on how QEMU cuts blocks, nor on `fine`.
 * Known limits of API version 1 that shape this file:
 * - qemu_plugin_insn_size() is wrong before a page end, where the translator peeks one halfword further: the size comes
 *   from the first halfword, which is always in place.
 * - a block may begin inside an IT block: the conditional instructions that remain are remembered by address.
 * - registers cannot be read: RK_REGION_START pushes and pops r0, and the address of that pop is the stack pointer.
 * - QEMU_PLUGIN_MEM_R alone never fires on loads in 7.2: accesses are always asked for with QEMU_PLUGIN_MEM_RW.
 * - a skipped instruction of an IT block cannot be seen, its memory access can: accesses are counted as they happen.
 * - a conditional branch to the instruction after it counts as not taken.
 * Instructions that a fault cuts short are counted with their segment: such a call has no cost anyway.
 */
#include "devices/emulators/qemu/plugin_abi.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/emulators/qemu/protocol.h"
#include "devices/emulators/qemu/stack.h"
#include "devices/emulators/qemu/thumb.h"
#include "devices/firmware/guest.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_API_VERSION;
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

enum { CODE_HALFWORDS = 1u << 20 }; /* 2 MiB of code: IT state by address */

enum { POP_R0 = 0xbc01, ISB_FIRST = 0xf3bf, ISB_SECOND = 0x8f6f };

struct segment {
    uint64_t start;
    uint64_t end; /* address after the last instruction */
    struct rk_thumb head;
    struct rk_thumb tail;
    uint64_t runs; /* in this region */
    uint32_t instructions;
    uint16_t count[RK_CYCLE_ITEMS];
    struct segment *next;     /* of all */
    struct segment *next_run; /* of those that ran in this region */
};

static struct {
    int control;
    uint8_t *ram;
    uint64_t ram_bytes;
    uint64_t base, low, guest;
    bool fine;
} option = {.control = -1};

static struct segment *segments;
static struct segment *ran;
static uint64_t event[RK_CYCLE_ITEMS]; /* between segments, and accesses of IT blocks */
static uint8_t it_remaining[CODE_HALFWORDS];

/* The last instruction executed; tail_end 0 when nothing is known of it. */
static struct rk_thumb tail;
static uint64_t tail_end;

static struct rki_request request;
static struct rki_reply reply;
static uint64_t steps;
static bool stepping; /* every instruction has a callback of its own */
static bool in_region;
static uint64_t stack_pointer;
static struct rki_stack stack;
static uint64_t wait_address; /* of the wait marker executed last */
static uint32_t nvm_bytes_before, nvm_units_before;

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
static void on_flush(qemu_plugin_id_t id);
static qemu_plugin_id_t plugin_id;

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "rekeylab-cycles: %s\n", what);
    _exit(3);
}

static void send_reply(enum rki_reason reason)
{
    reply.reason = reason;
    reply.steps = steps;
    if (send(option.control, &reply, sizeof reply, MSG_NOSIGNAL) != (ssize_t)sizeof reply) {
        _exit(0); /* the driver is gone */
    }
}

_Noreturn static void stop_for_good(enum rki_reason reason)
{
    send_reply(reason);
    _exit(0);
}

static const struct rk_guest *guest(void)
{
    return option.guest != 0 ? (const struct rk_guest *)(option.ram + (option.guest - option.base)) : NULL;
}

/* A stack gone wild may overwrite the heap's record: only what lies in RAM is believed. */
static uint64_t heap_end(void)
{
    uint64_t end = guest() != NULL ? guest()->heap_end : 0;
    bool inside = end > option.low && end <= option.base + option.ram_bytes;
    return inside ? end : option.low;
}

static uint64_t stack_limit(void)
{
    return (heap_end() + 3) & ~3ull;
}

/* The heap of such a device never shrinks: where it ends now is how far it reached. */
static void note_heap(void)
{
    uint32_t bytes = (uint32_t)(heap_end() - option.low);
    if (bytes > reply.heap_bytes) {
        reply.heap_bytes = bytes;
    }
}

static void scan_stack(void)
{
    struct rki_stack_use use;
    if (!rki_stack_end(&stack, stack_limit(), &use)) {
        return;
    }
    if (use.free_bytes < reply.stack_free) {
        reply.stack_free = use.free_bytes;
    }
    if (use.used_bytes > reply.stack_bytes) {
        reply.stack_bytes = use.used_bytes;
    }
}

/* --- execution --------------------------------------------------------------------------------------------------- */

/* Accounts for what lies between the last instruction and one at `start`. */
static void enter(uint64_t start, const struct rk_thumb *head)
{
    const struct rk_thumb *previous = tail_end != 0 ? &tail : NULL;

    if (previous != NULL && previous->branches && (!previous->conditional || start != tail_end)) {
        event[RK_CYCLE_taken]++;
        if ((start & 2) != 0 && head->bytes == 4) {
            event[RK_CYCLE_taken_unaligned]++;
        }
        previous = NULL;
    }
    uint32_t stalls = rk_thumb_stalls(previous, head);
    while (stalls != 0) {
        event[__builtin_ctz(stalls)]++;
        stalls &= stalls - 1;
    }
}

static void run_segment(unsigned cpu, void *userdata)
{
    struct segment *segment = userdata;
    (void)cpu;

    enter(segment->start, &segment->head);
    tail = segment->tail;
    tail_end = segment->end;
    if (segment->runs++ == 0) {
        segment->next_run = ran;
        ran = segment;
    }
    if (!stepping) {
        steps += segment->instructions;
    }
    if (steps > request.budget_instructions) {
        stop_for_good(RKI_BUDGET);
    }
}

static void step(unsigned cpu, void *userdata)
{
    (void)cpu;
    (void)userdata;
    if (request.cut_at != 0 && steps == request.cut_at) {
        stop_for_good(RKI_POWER_CUT);
    }
    steps++;
}

static void note_stack_pointer(unsigned cpu, uint32_t info, uint64_t address, void *userdata)
{
    (void)cpu;
    (void)info;
    (void)userdata;
    stack_pointer = address + 4;
}

/* Adds up what ran and forgets it. */
static void collect(uint64_t count[RK_CYCLE_ITEMS])
{
    while (ran != NULL) {
        for (unsigned i = 0; i < RK_CYCLE_ITEMS; i++) {
            count[i] += ran->runs * ran->count[i];
        }
        ran->runs = 0;
        ran = ran->next_run;
    }
    for (unsigned i = 0; i < RK_CYCLE_ITEMS; i++) {
        count[i] += event[i];
        event[i] = 0;
    }
}

static void region_begin(unsigned cpu, void *userdata)
{
    uint64_t outside[RK_CYCLE_ITEMS] = {0};
    (void)cpu;
    (void)userdata;

    collect(outside);
    tail_end = 0;
    in_region = true;
    stack = rki_stack_begin(option.ram, option.base, option.ram_bytes, stack_pointer, stack_limit());
    if (guest() != NULL) {
        nvm_bytes_before = guest()->nvm_bytes;
        nvm_units_before = guest()->nvm_units;
    }
}

static void region_end(unsigned cpu, void *userdata)
{
    static const struct rk_thumb marker = {.class = RK_CYCLE_alu, .bytes = 2};
    (void)cpu;
    if (!in_region) {
        return;
    }
    in_region = false;
    enter((uint64_t)(uintptr_t)userdata, &marker);
    collect(reply.count);
    tail_end = 0;
    scan_stack();
    note_heap();
    reply.regions++;
    if (guest() != NULL) {
        reply.nvm_bytes += guest()->nvm_bytes - nvm_bytes_before;
        reply.nvm_units += guest()->nvm_units - nvm_units_before;
    }
}

static void fault(unsigned cpu, void *userdata)
{
    (void)cpu;
    (void)userdata;
    if (in_region) {
        scan_stack();
    }
    stop_for_good(RKI_FAULT);
}

static void register_callbacks(qemu_plugin_id_t id)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_flush_cb(id, on_flush);
}

/* All translations are gone; the next block is translated in the mode that the request needs. */
static void change_mode(qemu_plugin_id_t id)
{
    stepping = request.cut_at != 0;
    register_callbacks(id);
}

/* The ISB after the marker ends its block, so a change of mode is in force at the instruction after it. */
static void wait_for_request(unsigned cpu, void *userdata)
{
    (void)cpu;
    wait_address = (uint64_t)(uintptr_t)userdata;
    if (in_region) {
        die("the firmware waits inside a measured region");
    }
    send_reply(RKI_WAITING);
    if (recv(option.control, &request, sizeof request, 0) != (ssize_t)sizeof request) {
        _exit(0);
    }
    memset(&reply, 0, sizeof reply);
    reply.stack_free = UINT32_MAX;
    steps = 0;
    tail_end = 0;
    if (stepping != (request.cut_at != 0)) {
        qemu_plugin_reset(plugin_id, change_mode);
    }
}

/* --- translation ------------------------------------------------------------------------------------------------- */

static uint8_t *it_state(uint64_t address)
{
    return &it_remaining[(address >> 1) % CODE_HALFWORDS];
}

static void register_marker(struct qemu_plugin_insn *insn, uint8_t marker, uint64_t address)
{
    qemu_plugin_vcpu_udata_cb_t callback = marker == RK_THUMB_REGION_BEGIN ? region_begin
                                           : marker == RK_THUMB_REGION_END ? region_end
                                           : marker == RK_THUMB_WAIT       ? wait_for_request
                                                                           : fault;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, callback, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)address);
}

static struct segment *new_segment(struct qemu_plugin_insn *insn, uint64_t start, const struct rk_thumb *head)
{
    struct segment *segment = calloc(1, sizeof *segment);
    if (segment == NULL) {
        die("out of memory");
    }
    segment->start = start;
    segment->head = *head;
    segment->next = segments;
    segments = segment;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, run_segment, QEMU_PLUGIN_CB_NO_REGS, segment);
    return segment;
}

static void count_access(struct qemu_plugin_insn *insn, enum rk_cycle_item item, uint64_t value)
{
    qemu_plugin_register_vcpu_mem_inline(insn, QEMU_PLUGIN_MEM_RW, QEMU_PLUGIN_INLINE_ADD_U64, &event[item], value);
}

/* Events of an instruction that do not depend on the one before. */
static void append_own_events(struct segment *segment, struct qemu_plugin_insn *insn, const struct rk_thumb *thumb,
                              uint64_t address)
{
    bool into_pc = thumb->class == RK_CYCLE_load && thumb->branches;

    if (thumb->bytes == 4 && (address & 2) != 0) {
        segment->count[RK_CYCLE_fetch_unaligned]++;
    }
    if (!thumb->in_it) {
        segment->count[RK_CYCLE_register] += thumb->words;
        segment->count[RK_CYCLE_load_pc] += into_pc;
        return;
    }
    if (thumb->class == RK_CYCLE_load) {
        count_access(insn, RK_CYCLE_load_stall, 1);
    }
    if (thumb->class == RK_CYCLE_store_index) {
        count_access(insn, RK_CYCLE_store_stall, 1);
    }
    if (thumb->words != 0) {
        count_access(insn, RK_CYCLE_register, thumb->access_words);
    }
    if (into_pc) {
        count_access(insn, RK_CYCLE_load_pc, 1);
    }
}

static void append(struct segment *segment, struct qemu_plugin_insn *insn, const struct rk_thumb *thumb,
                   uint64_t address)
{
    if (segment->instructions > 0) {
        uint32_t stalls = rk_thumb_stalls(&segment->tail, thumb);
        while (stalls != 0) {
            segment->count[__builtin_ctz(stalls)]++;
            stalls &= stalls - 1;
        }
    }
    segment->count[thumb->class]++;
    segment->instructions++;
    segment->tail = *thumb;
    segment->end = address + thumb->bytes;
    append_own_events(segment, insn, thumb, address);
}

struct fetched {
    struct qemu_plugin_insn *insn;
    uint64_t address;
    uint16_t first, second;
};

static struct fetched fetch(struct qemu_plugin_tb *block, size_t index)
{
    struct fetched fetched = {.insn = qemu_plugin_tb_get_insn(block, index)};
    const uint8_t *data = qemu_plugin_insn_data(fetched.insn);

    fetched.address = qemu_plugin_insn_vaddr(fetched.insn);
    fetched.first = (uint16_t)(data[0] | data[1] << 8);
    if (rk_thumb_bytes(fetched.first) == 4) {
        fetched.second = (uint16_t)(data[2] | data[3] << 8);
    }
    return fetched;
}

/* The ISB after the wait marker belongs to the wait: it is neither counted nor stepped. It ends the marker's block, or
 * is the next one where QEMU makes a block of every instruction. */
static bool ends_wait(const struct fetched *at, size_t index, uint64_t marker_address)
{
    bool after_marker = marker_address != 0 ? at->address == marker_address + 2
                                            : index == 0 && wait_address != 0 && at->address == wait_address + 2;
    if (after_marker && (at->first != ISB_FIRST || at->second != ISB_SECOND)) {
        die("the wait marker must be followed by an ISB");
    }
    return after_marker;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);
    struct segment *segment = NULL;
    uint64_t wait_in_block = 0;
    uint8_t it = 0;
    (void)id;

    for (size_t i = 0; i < count; i++) {
        struct fetched at = fetch(block, i);
        struct rk_thumb thumb = rk_thumb_decode(at.first, at.second);

        if (thumb.marker != RK_THUMB_NONE) {
            register_marker(at.insn, thumb.marker, at.address);
            segment = NULL;
            wait_in_block = thumb.marker == RK_THUMB_WAIT ? at.address : 0;
            continue;
        }
        if (ends_wait(&at, i, wait_in_block)) {
            continue;
        }
        if (i == 0) {
            it = *it_state(at.address);
        }
        if (it > 0) {
            rk_thumb_set_in_it(&thumb);
            it--;
        }
        if (thumb.it_length > 0) {
            it = thumb.it_length;
        }
        if (segment == NULL) {
            segment = new_segment(at.insn, at.address, &thumb);
        }
        append(segment, at.insn, &thumb, at.address);
        if (stepping) {
            qemu_plugin_register_vcpu_insn_exec_cb(at.insn, step, QEMU_PLUGIN_CB_NO_REGS, NULL);
        }
        if (at.first == POP_R0) {
            qemu_plugin_register_vcpu_mem_cb(at.insn, note_stack_pointer, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                             NULL);
        }
        if (i + 1 == count) {
            *it_state(at.address + thumb.bytes) = it;
        }
        if (option.fine || thumb.branches) {
            segment = NULL;
        }
    }
}

/* QEMU dropped its translations: what ran is added up, and no segment is referenced any more. */
static void on_flush(qemu_plugin_id_t id)
{
    uint64_t sum[RK_CYCLE_ITEMS] = {0};
    (void)id;

    collect(sum);
    memcpy(event, sum, sizeof event);
    while (segments != NULL) {
        struct segment *next = segments->next;
        free(segments);
        segments = next;
    }
}

/* --- start ------------------------------------------------------------------------------------------------------- */

static bool parse(const char *argument)
{
    char name[16];
    uint64_t value;
    char extra;
    struct stat file;

    if (sscanf(argument, "%15[a-z]=%" SCNi64 "%c", name, (int64_t *)&value, &extra) != 2) {
        return false;
    }
    if (strcmp(name, "ctl") == 0) {
        option.control = (int)value;
    } else if (strcmp(name, "base") == 0) {
        option.base = value;
    } else if (strcmp(name, "low") == 0) {
        option.low = value;
    } else if (strcmp(name, "guest") == 0) {
        option.guest = value;
    } else if (strcmp(name, "fine") == 0) {
        option.fine = value != 0;
    } else if (strcmp(name, "ram") == 0 && fstat((int)value, &file) == 0) {
        option.ram_bytes = (uint64_t)file.st_size;
        option.ram = mmap(NULL, option.ram_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, (int)value, 0);
    } else {
        return false;
    }
    return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    if (info->version.min > QEMU_PLUGIN_API_VERSION) {
        fprintf(stderr,
                "rekeylab-cycles: this QEMU needs plugin API version %d or later, the plugin speaks version %d\n",
                info->version.min, QEMU_PLUGIN_API_VERSION);
        return -1;
    }
    for (int i = 0; i < argc; i++) {
        if (!parse(argv[i])) {
            fprintf(stderr, "rekeylab-cycles: bad argument '%s'\n", argv[i]);
            return -1;
        }
    }
    if (option.control < 0 || option.ram == NULL || option.ram == MAP_FAILED) {
        fprintf(stderr, "rekeylab-cycles: arguments ctl and ram are needed\n");
        return -1;
    }
    plugin_id = id;
    request.budget_instructions = 100000000; /* to boot */
    reply.stack_free = UINT32_MAX;
    register_callbacks(id);
    return 0;
}
