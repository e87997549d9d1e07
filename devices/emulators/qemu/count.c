#include "devices/emulators/qemu/count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devices/emulators/qemu/fetch.h"
#include "devices/emulators/qemu/lines.h"
#include "devices/emulators/qemu/plugin_abi.h"
#include "devices/emulators/qemu/stack.h"
#include "devices/firmware/guest.h"

struct rki_options rki_option = {.control = -1};
uint64_t rki_event[RK_CYCLE_ITEMS];
struct rki_request rki_request;
bool rki_stepping;

static struct rki_segment *segments;
static struct rki_segment *ran;

/* The last instruction executed; tail_end 0 when nothing is known of it. */
static struct rk_insn tail;
static uint64_t tail_end;

static uint64_t steps;
static struct rki_region *open_region; /* NULL outside of regions */
static uint64_t stack_pointer;
static struct rki_stack stack;
static struct rki_lines data_lines;        /* of flash, at hand since the region began */
static uint64_t lowest_store, store_floor; /* where the stack is watched by its stores */
static uint32_t nvm_bytes_before, nvm_units_before, nvm_erases_before;

_Noreturn void rki_die(const char *what)
{
    fprintf(stderr, "rekeylab-cycles: %s\n", what);
    _exit(3);
}

static void receive_request(void)
{
    if (recv(rki_option.control, &rki_request, sizeof rki_request, 0) != (ssize_t)sizeof rki_request) {
        _exit(0);
    }
}

static void send_reply(enum rki_reason reason, uint64_t address)
{
    struct rki_reply reply = {.steps = steps, .address = address, .reason = reason};

    if (send(rki_option.control, &reply, sizeof reply, MSG_NOSIGNAL) != (ssize_t)sizeof reply) {
        _exit(0); /* the driver is gone */
    }
}

static const struct rk_guest *guest(void)
{
    return rki_option.guest != 0 ? (const struct rk_guest *)(rki_option.ram + (rki_option.guest - rki_option.base))
                                 : NULL;
}

/* A stack gone wild may overwrite the heap's record: only what lies in RAM is believed. */
static uint64_t heap_end(void)
{
    uint64_t end = guest() != NULL ? guest()->heap_end : 0;
    bool inside = end > rki_option.low && end <= rki_option.base + rki_option.ram_bytes;
    return inside ? end : rki_option.low;
}

static uint64_t stack_limit(void)
{
    return (heap_end() + 7) & ~7ull;
}

/* The heap of such a device never shrinks: where it ends now is how far it reached. */
static void note_heap(struct rki_region *region)
{
    uint32_t bytes = (uint32_t)(heap_end() - rki_option.low);
    if (bytes > region->heap_bytes) {
        region->heap_bytes = bytes;
    }
}

static bool stack_use(struct rki_stack_use *use)
{
    if (rki_option.ram != NULL) {
        return rki_stack_end(&stack, stack_limit(), use);
    }
    use->free_bytes = (uint32_t)(lowest_store - store_floor);
    use->used_bytes = (uint32_t)(stack_pointer - lowest_store);
    return stack_pointer != 0;
}

static void note_stack(struct rki_region *region)
{
    struct rki_stack_use use;
    if (!stack_use(&use)) {
        return;
    }
    if (use.free_bytes < region->stack_free) {
        region->stack_free = use.free_bytes;
    }
    if (use.used_bytes > region->stack_bytes) {
        region->stack_bytes = use.used_bytes;
    }
}

_Noreturn static void stop_for_good(enum rki_reason reason, uint64_t address)
{
    if (open_region != NULL) {
        note_stack(open_region);
    }
    send_reply(reason, address);
    _exit(0);
}

/* --- segments ---------------------------------------------------------------------------------------------------- */

struct rki_segment *rki_segment_new(uint64_t start, const struct rk_insn *head)
{
    struct rki_segment *segment = calloc(1, sizeof *segment);
    if (segment == NULL) {
        rki_die("out of memory");
    }
    segment->start = start;
    segment->head = *head;
    segment->next = segments;
    segments = segment;
    return segment;
}

static void append_stalls(struct rki_segment *segment, uint64_t stalls)
{
    for (; stalls != 0; stalls &= stalls - 1) {
        segment->count[__builtin_ctzll(stalls)]++;
    }
}

/* Events of an instruction that do not depend on the one before, and are sure to happen. */
static void append_own_events(struct rki_segment *segment, const struct rk_insn *insn, uint64_t address)
{
    if (insn->bytes == 4 && (address & 2) != 0) {
        segment->count[RK_CYCLE_fetch_unaligned]++;
    }
    if (!insn->in_it) {
        segment->count[RK_CYCLE_register] += insn->words;
        segment->count[RK_CYCLE_load_pc] += insn->branches && insn->class == RK_CYCLE_load;
        segment->count[RK_CYCLE_pop_pc] += insn->branches && insn->class == RK_CYCLE_load_multiple;
    }
}

void rki_segment_append(struct rki_segment *segment, const struct rk_insn *insn, uint64_t address)
{
    uint64_t end = address + insn->bytes;

    if (segment->instructions > 0) {
        struct rk_fetch_lines lines = rk_fetch_lines(segment->end - 1, end - 1);
        segment->count[RK_CYCLE_line4] += lines.of4;
        segment->count[RK_CYCLE_line8] += lines.of8;
        segment->count[RK_CYCLE_line16] += lines.of16;
        append_stalls(segment, rki_option.isa->stalls(&segment->tail, insn));
    }
    segment->count[insn->class]++;
    segment->instructions++;
    segment->tail = *insn;
    segment->end = end;
    append_own_events(segment, insn, address);
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
        count[i] += rki_event[i];
        rki_event[i] = 0;
    }
}

void rki_segments_drop(void)
{
    uint64_t sum[RK_CYCLE_ITEMS] = {0};

    collect(sum);
    memcpy(rki_event, sum, sizeof rki_event);
    while (segments != NULL) {
        struct rki_segment *next = segments->next;
        free(segments);
        segments = next;
    }
}

/* --- execution --------------------------------------------------------------------------------------------------- */

/* A branch was taken to an instruction at start..end - 1. */
static void refill(uint64_t start, uint64_t end)
{
    struct rk_fetch_lines lines = rk_fetch_lines(start, end - 1);

    rki_event[RK_CYCLE_taken]++;
    rki_event[RK_CYCLE_straddle4] += lines.of4;
    rki_event[RK_CYCLE_straddle8] += lines.of8;
    rki_event[RK_CYCLE_straddle16] += lines.of16;
    if ((start & 2) != 0 && end - start == 4) {
        rki_event[RK_CYCLE_taken_unaligned]++;
    }
}

/* Accounts for what lies between the last instruction and one at `start`. */
static void enter(uint64_t start, const struct rk_insn *head)
{
    const struct rk_insn *previous = tail_end != 0 ? &tail : NULL;
    uint64_t end = start + head->bytes;

    if (previous != NULL && previous->branches && (!previous->conditional || start != tail_end)) {
        refill(start, end);
        previous = NULL;
    } else if (previous != NULL && head->marker == RK_MARKER_NONE) {
        struct rk_fetch_lines lines = rk_fetch_lines(tail_end - 1, end - 1);
        rki_event[RK_CYCLE_line4] += lines.of4;
        rki_event[RK_CYCLE_line8] += lines.of8;
        rki_event[RK_CYCLE_line16] += lines.of16;
    }
    for (uint64_t stalls = rki_option.isa->stalls(previous, head); stalls != 0; stalls &= stalls - 1) {
        rki_event[__builtin_ctzll(stalls)]++;
    }
}

void rki_run_segment(unsigned cpu, void *userdata)
{
    struct rki_segment *segment = userdata;
    (void)cpu;

    enter(segment->start, &segment->head);
    tail = segment->tail;
    tail_end = segment->end;
    if (segment->runs++ == 0) {
        segment->next_run = ran;
        ran = segment;
    }
    if (!rki_stepping) {
        steps += segment->instructions;
    }
    if (steps > rki_request.budget_instructions) {
        stop_for_good(RKI_BUDGET, segment->start);
    }
}

void rki_run_call(unsigned cpu, void *returns_to)
{
    struct rki_board *board = rki_option.board;
    (void)cpu;
    if (board->calls < RKI_CALLS) {
        board->returns_to[board->calls++] = (uint64_t)(uintptr_t)returns_to;
    }
}

void rki_run_step(unsigned cpu, void *address)
{
    struct rki_board *board = rki_option.board;
    (void)cpu;
    board->pc = (uint64_t)(uintptr_t)address;
    for (uint32_t i = board->calls; i-- > 0;) { /* those above it never return: libgcc's calls for a switch */
        if (board->returns_to[i] == board->pc) {
            board->calls = i;
            break;
        }
    }
    if (rki_request.cut_at != 0 && steps == rki_request.cut_at) {
        if (open_region != NULL) {
            note_stack(open_region);
        }
        open_region = NULL;
        send_reply(RKI_POWER_CUT, 0);
        receive_request(); /* what happens from here on, the driver undoes */
    }
    steps++;
}

void rki_note_stack_pointer(unsigned cpu, uint32_t info, uint64_t address, void *bytes)
{
    (void)cpu;
    (void)info;
    stack_pointer = address + (uint64_t)(uintptr_t)bytes;
}

void rki_note_access(unsigned cpu, uint32_t info, uint64_t address, void *item)
{
    uintptr_t what = (uintptr_t)item;
    (void)cpu;
    (void)info;
    (void)address;
    rki_event[what & 0xff] += what >> 8;
}

void rki_note_load(unsigned cpu, uint32_t info, uint64_t address, void *userdata)
{
    (void)cpu;
    (void)info;
    (void)userdata;
    if (address - rki_option.code >= rki_option.flash - rki_option.code) {
        return;
    }
    rki_event[RK_CYCLE_flash_read]++;
    if (rki_option.data_lines > 0 &&
        !rki_lines_read(&data_lines, address / rki_option.line_bytes, (unsigned)rki_option.data_lines)) {
        rki_event[RK_CYCLE_flash_miss]++;
    }
}

void rki_note_nvm(unsigned cpu, uint32_t info, uint64_t address, void *unused)
{
    struct rki_board *board = rki_option.board;
    uint64_t offset = address - rki_option.nvm;
    (void)cpu;
    (void)unused;
    if (offset >= rki_option.nvm_bytes || rki_request.watch == 0 || !qemu_plugin_mem_is_store(info)) {
        return;
    }
    uint32_t bytes = 1u << qemu_plugin_mem_size_shift(info);
    uint32_t erases = guest() != NULL && guest()->nvm_erasing != 0;
    uint32_t count = board->nvm_stores;
    struct rki_nvm_store *last = count > 0 && count <= RKI_NVM_STORES ? &board->nvm_store[count - 1] : NULL;
    if (erases && last != NULL && last->erases && last->offset + last->bytes == offset &&
        last->bytes < rki_option.nvm_block) {
        last->bytes += bytes;
        last->step = steps;
        return;
    }
    if (count < RKI_NVM_STORES) {
        struct rki_nvm_store *store = &board->nvm_store[count];
        *store = (struct rki_nvm_store){.step = steps, .offset = (uint32_t)offset, .bytes = bytes, .erases = erases};
        memcpy(store->value, rki_option.ram + (address - rki_option.base),
               bytes < sizeof store->value ? bytes : sizeof store->value);
    }
    board->nvm_stores++;
}

void rki_note_store(unsigned cpu, uint32_t info, uint64_t address, void *reach)
{
    (void)cpu;
    (void)info;
    if (address < lowest_store && lowest_store - address <= (uint64_t)(uintptr_t)reach && address >= store_floor) {
        lowest_store = address;
    }
}

/* --- regions ----------------------------------------------------------------------------------------------------- */

void rki_run_start(unsigned cpu, void *id)
{
    uint64_t outside[RK_CYCLE_ITEMS] = {0};
    unsigned number = *(const uint8_t *)id;
    (void)cpu;

    if (open_region != NULL) {
        rki_die("a region begins inside a region");
    }
    collect(outside);
    data_lines.count = 0;
    tail_end = 0;
    open_region = &rki_option.board->region[number];
    rki_option.board->in_region = number + 1;
    if (open_region->calls == 0) {
        memset(open_region, 0, sizeof *open_region);
        open_region->stack_free = UINT32_MAX;
    }
    lowest_store = stack_pointer;
    bool known = stack_pointer > rki_option.low && stack_pointer <= rki_option.top;
    store_floor = known ? rki_option.low : 0;
    if (rki_option.ram != NULL && !rki_option.bare) {
        stack = rki_stack_begin(rki_option.ram, rki_option.base, rki_option.ram_bytes, stack_pointer, stack_limit());
    }
    if (guest() != NULL) {
        nvm_bytes_before = guest()->nvm_bytes;
        nvm_units_before = guest()->nvm_units;
        nvm_erases_before = guest()->nvm_erases;
    }
}

void rki_run_stop(unsigned cpu, void *address)
{
    static const struct rk_insn marker = {.class = RK_CYCLE_alu, .bytes = 2, .marker = RK_MARKER_STOP};
    struct rki_region *region = open_region;
    (void)cpu;

    if (region == NULL) {
        return;
    }
    enter((uint64_t)(uintptr_t)address, &marker);
    collect(region->count);
    tail_end = 0;
    note_stack(region);
    note_heap(region);
    if (guest() != NULL) {
        region->nvm_bytes += guest()->nvm_bytes - nvm_bytes_before;
        region->nvm_units += guest()->nvm_units - nvm_units_before;
        region->nvm_erases += guest()->nvm_erases - nvm_erases_before;
    }
    region->calls++;
    stack_pointer = 0;
    open_region = NULL;
    rki_option.board->in_region = 0;
}

/* --- ends -------------------------------------------------------------------------------------------------------- */

void rki_run_exit(unsigned cpu, void *userdata)
{
    (void)cpu;
    (void)userdata;
    stop_for_good(RKI_EXIT, 0);
}

void rki_run_foreign(unsigned cpu, void *address)
{
    (void)cpu;
    stop_for_good(RKI_NOT_V6M, (uint64_t)(uintptr_t)address);
}

void rki_run_hang(unsigned cpu, void *address)
{
    (void)cpu;
    stop_for_good(RKI_HANGS, (uint64_t)(uintptr_t)address);
}

void rki_wait(void)
{
    if (open_region != NULL) {
        rki_die("the firmware waits inside a measured region");
    }
    send_reply(RKI_WAITING, 0);
    receive_request();
    rki_option.board->nvm_stores = 0;
    rki_option.board->calls = 0;
    for (unsigned i = 0; i < RKI_REGIONS; i++) {
        rki_option.board->region[i].calls = 0;
    }
    steps = 0;
    tail_end = 0;
}
