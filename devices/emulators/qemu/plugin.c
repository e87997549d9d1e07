/* devices/emulators/qemu/plugin.c - the plugin that QEMU loads: sees code being translated, and asks for its execution
 *
 * Counts instructions by class, stops at markers, cuts power. What runs is in count.c; what instructions are, in isa.h.
 * Known limits of the interface that shape this file:
 * - qemu_plugin_insn_size() is wrong before a page end, where the translator peeks one halfword further: the size comes
 *   from the code itself.
 * - a block may begin inside an IT block, or between a region's number and its marker: both are remembered by address.
 * - registers cannot be read (in version 1): RK_REGION_START pushes and pops one, and the address of that pop is the
 *   stack pointer.
 * - QEMU_PLUGIN_MEM_R alone never fires on loads in 7.2: accesses are always asked for with QEMU_PLUGIN_MEM_RW.
 * - a skipped instruction of an IT block cannot be seen, its memory access can: accesses are counted as they happen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "devices/emulators/qemu/count.h"
#include "devices/emulators/qemu/plugin_abi.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_API_VERSION;
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

/* What the stack may grow by at once: in a frame, and below it by an array that is filled through a pointer. A heap is
 * farther away. */
enum { FRAME_bytes = 1u << 20, ARRAY_bytes = 1u << 10 };

enum { NOTES = 1u << 20 }; /* one for each halfword of 2 MiB of code */

/* What an earlier block knows of the code at an address. */
struct note {
    uint64_t address;
    uint8_t it_remaining; /* instructions from here on that an IT before makes conditional */
    uint8_t region_id;    /* the comparison just before numbers a region that begins here */
};

static struct note notes[NOTES];
static qemu_plugin_id_t plugin_id;
static uint64_t waited_end; /* of the wait marker executed last */

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
static void on_flush(qemu_plugin_id_t id);

static struct note *note_of(uint64_t address)
{
    struct note *note = &notes[(address >> 1) % NOTES];
    if (note->address != address) {
        *note = (struct note){.address = address};
    }
    return note;
}

/* --- modes ------------------------------------------------------------------------------------------------------- */

static void on_idle(qemu_plugin_id_t id, unsigned cpu)
{
    (void)id;
    (void)cpu;
    rki_option.board->asleep = 1;
}

static void on_resume(qemu_plugin_id_t id, unsigned cpu)
{
    (void)id;
    (void)cpu;
    rki_option.board->asleep = 0;
}

static void register_callbacks(qemu_plugin_id_t id)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_flush_cb(id, on_flush);
    qemu_plugin_register_vcpu_idle_cb(id, on_idle);
    qemu_plugin_register_vcpu_resume_cb(id, on_resume);
}

static bool needs_steps(void)
{
    return rki_request.cut_at != 0 || rki_request.watch != 0;
}

/* All translations are gone; the next block is translated in the mode that the request needs. */
static void change_mode(qemu_plugin_id_t id)
{
    rki_stepping = needs_steps();
    register_callbacks(id);
}

/* The barrier after the marker ends its block, so a change of mode is in force at the instruction after it. */
static void wait_for_request(unsigned cpu, void *end)
{
    (void)cpu;
    waited_end = (uint64_t)(uintptr_t)end;
    rki_wait();
    if (rki_stepping != needs_steps()) {
        qemu_plugin_reset(plugin_id, change_mode);
    }
}

static void on_flush(qemu_plugin_id_t id)
{
    (void)id;
    rki_segments_drop();
}

/* --- translation ------------------------------------------------------------------------------------------------- */

static void call_at(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_udata_cb_t callback, void *userdata)
{
    qemu_plugin_register_vcpu_insn_exec_cb(insn, callback, QEMU_PLUGIN_CB_NO_REGS, userdata);
}

static void call_at_access(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_mem_cb_t callback, void *userdata)
{
    qemu_plugin_register_vcpu_mem_cb(insn, callback, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, userdata);
}

static void count_access(struct qemu_plugin_insn *insn, enum rk_cycle_item item, uint32_t value)
{
    call_at_access(insn, rki_note_access, (void *)((uintptr_t)value << 8 | item));
}

/* What an instruction of an IT block costs if it is not skipped: known by its access to memory. */
static void count_conditional_access(struct qemu_plugin_insn *qemu_insn, const struct rk_insn *insn)
{
    if (insn->class == RK_CYCLE_load) {
        count_access(qemu_insn, RK_CYCLE_load_stall, 1);
        if (insn->branches) {
            count_access(qemu_insn, RK_CYCLE_load_pc, 1);
        }
    }
    if (insn->class == RK_CYCLE_store_index) {
        count_access(qemu_insn, RK_CYCLE_store_stall, 1);
    }
    if (insn->words != 0) {
        count_access(qemu_insn, RK_CYCLE_register, insn->access_words);
    }
}

/* Everything that is asked of one instruction as it runs, but for its segment. */
static void watch(struct qemu_plugin_insn *qemu_insn, const struct rk_insn *insn, uint64_t address)
{
    void *at = (void *)(uintptr_t)address;

    if (rki_option.v6m && insn->beyond_v6m) {
        call_at(qemu_insn, rki_run_foreign, at);
    }
    if (rki_option.end && insn->hangs) {
        call_at(qemu_insn, rki_run_hang, at);
    }
    if (rki_stepping) {
        call_at(qemu_insn, rki_run_step, at);
    }
    if (rki_stepping && insn->calls) {
        call_at(qemu_insn, rki_run_call, (void *)(uintptr_t)(address + insn->bytes));
    }
    if (rki_stepping && !insn->loads && rki_option.nvm_bytes != 0) {
        call_at_access(qemu_insn, rki_note_nvm, NULL);
    }
    if (insn->in_it) {
        count_conditional_access(qemu_insn, insn);
    }
    if (insn->pops_bytes != 0) {
        call_at_access(qemu_insn, rki_note_stack_pointer, (void *)(uintptr_t)insn->pops_bytes);
    }
    if (insn->loads && rki_option.flash != 0) {
        call_at_access(qemu_insn, rki_note_load, NULL);
    } else if (!insn->loads && rki_option.ram == NULL) {
        call_at_access(qemu_insn, rki_note_store, (void *)(uintptr_t)(insn->stores_by_sp ? FRAME_bytes : ARRAY_bytes));
    }
}

struct fetched {
    struct qemu_plugin_insn *qemu_insn;
    uint64_t address;
    struct rk_insn insn;
};

static struct fetched fetch(struct qemu_plugin_tb *block, size_t index)
{
    struct fetched fetched = {.qemu_insn = qemu_plugin_tb_get_insn(block, index)};

    fetched.address = qemu_plugin_insn_vaddr(fetched.qemu_insn);
#if RK_PLUGIN_API < 3
    fetched.insn = rki_option.isa->decode(qemu_plugin_insn_data(fetched.qemu_insn));
#else
    uint8_t code[8] = {0};
    qemu_plugin_insn_data(fetched.qemu_insn, code, sizeof code);
    fetched.insn = rki_option.isa->decode(code);
#endif
    return fetched;
}

static void call_at_marker(const struct fetched *at)
{
    switch (at->insn.marker) {
    case RK_MARKER_START:
        call_at(at->qemu_insn, rki_run_start, &note_of(at->address)->region_id);
        break;
    case RK_MARKER_STOP:
        call_at(at->qemu_insn, rki_run_stop, (void *)(uintptr_t)at->address);
        break;
    case RK_MARKER_WAIT:
        call_at(at->qemu_insn, wait_for_request, (void *)(uintptr_t)(at->address + at->insn.bytes));
        break;
    default:
        call_at(at->qemu_insn, rki_run_exit, NULL);
        break;
    }
}

/* The barrier after the wait marker belongs to the wait: it is neither counted nor stepped. It ends the marker's block,
 * or is the next one where QEMU makes a block of every instruction. in: end of the marker in this block, or 0. */
static bool ends_wait(const struct fetched *at, size_t index, uint64_t marker_end)
{
    bool after_marker = at->address == (index == 0 ? waited_end : marker_end) && at->address != 0;
    if (after_marker && !at->insn.ends_block) {
        rki_die("the wait marker must be followed by an ISB");
    }
    return after_marker;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);
    struct rki_segment *segment = NULL;
    uint64_t wait_end = 0;
    uint8_t it = 0;
    (void)id;

    for (size_t i = 0; i < count; i++) {
        struct fetched at = fetch(block, i);
        uint64_t end = at.address + at.insn.bytes;

        if (at.insn.marker != RK_MARKER_NONE) {
            call_at_marker(&at);
            segment = NULL;
            wait_end = at.insn.marker == RK_MARKER_WAIT ? end : 0;
            continue;
        }
        if (ends_wait(&at, i, wait_end)) {
            continue;
        }
        if (i == 0) {
            it = note_of(at.address)->it_remaining;
        }
        if (it > 0) {
            rki_option.isa->set_in_it(&at.insn);
            it--;
        }
        if (at.insn.it_length > 0) {
            it = at.insn.it_length;
        }
        if (segment == NULL) {
            segment = rki_segment_new(at.address, &at.insn);
            call_at(at.qemu_insn, rki_run_segment, segment);
        }
        rki_segment_append(segment, &at.insn, at.address);
        watch(at.qemu_insn, &at.insn, at.address);
        if (at.insn.region_id != RK_REGION_ID_NONE) {
            note_of(end)->region_id = (uint8_t)at.insn.region_id;
        }
        if (i + 1 == count) {
            note_of(end)->it_remaining = it;
        }
        if (rki_option.fine || at.insn.branches) {
            segment = NULL;
        }
    }
}

/* --- start ------------------------------------------------------------------------------------------------------- */

static void *map(int file, size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return at != MAP_FAILED ? at : NULL;
}

static bool map_ram(int file)
{
    struct stat about;
    if (fstat(file, &about) != 0) {
        return false;
    }
    rki_option.ram_bytes = (uint64_t)about.st_size;
    rki_option.ram = map(file, rki_option.ram_bytes);
    return rki_option.ram != NULL;
}

static bool parse(const char *argument)
{
    static const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {
        {"base", &rki_option.base},
        {"low", &rki_option.low},
        {"top", &rki_option.top},
        {"guest", &rki_option.guest},
        {"code", &rki_option.code},
        {"flash", &rki_option.flash},
        {"lines", &rki_option.data_lines},
        {"width", &rki_option.line_bytes},
        {"nvm", &rki_option.nvm},
        {"nvmsize", &rki_option.nvm_bytes},
        {"nvmblock", &rki_option.nvm_block},
        {"budget", &rki_request.budget_instructions},
    };
    char name[16];
    uint64_t value;
    char extra;

    if (sscanf(argument, "%15[a-z0-9]=%" SCNu64 "%c", name, &value, &extra) != 2) {
        return false;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].value = value;
            return true;
        }
    }
    if (strcmp(name, "ctl") == 0) {
        rki_option.control = (int)value;
    } else if (strcmp(name, "isa") == 0) {
        rki_option.isa = rk_isa_find((enum rk_isa_id)value);
    } else if (strcmp(name, "board") == 0) {
        rki_option.board = map((int)value, sizeof *rki_option.board);
    } else if (strcmp(name, "ram") == 0) {
        return map_ram((int)value);
    } else if (strcmp(name, "fine") == 0) {
        rki_option.fine = value != 0;
    } else if (strcmp(name, "bare") == 0) {
        rki_option.bare = value != 0;
    } else if (strcmp(name, "v6m") == 0) {
        rki_option.v6m = value != 0;
    } else if (strcmp(name, "end") == 0) {
        rki_option.end = value != 0;
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
    if (rki_option.control < 0 || rki_option.board == NULL || rki_option.isa == NULL) {
        fprintf(stderr, "rekeylab-cycles: arguments ctl, board and isa are needed\n");
        return -1;
    }
    plugin_id = id;
    register_callbacks(id);
    return 0;
}
