/* devices/firmware/cortex-a/start.c - memory map, static data, faults, heap; reset and vectors are in assembly
 *
 * Addresses are translated one to one, with caches on, as under any operating system: loads from any address are then
 * allowed, and an access outside the program's memory faults. Both cores use the same tables: the long-descriptor
 * format of ARMv7-A with LPAE is that of ARMv8-A. Tables and the handlers' stack belong to the harness and lie beside
 * the mailbox.
 * Source: ARM DDI 0487, D5.3 (descriptors).
 */
#include <stddef.h>
#include <stdint.h>

#include "devices/firmware/guest.h"
#include "devices/firmware/region.h"

#define HARNESS(what) __attribute__((section(".mailbox." what), aligned(4096)))

enum {
    PAGE_bytes = 4096,
    BLOCK_bytes = 2 << 20,
    ENTRIES = 512,
    CODE_BLOCKS = 2,
    HANDLER_STACK_bytes = 4096, /* the assembly knows it too */
};

/* Of a descriptor: what it is, access by privileged code, shareability, access flag. */
#define TABLE         3ull
#define PAGE          3ull
#define BLOCK         1ull
#define NORMAL        (3ull << 8 | 1ull << 10)
#define READ_ONLY     (1ull << 7)
#define EXECUTE_NEVER (3ull << 53)

extern uint8_t rk_ram[], rk_ram_window[], rk_code[], rk_harness[], rk_stack_top[];
extern uint32_t rk_data_begin[], rk_data_end[], rk_data_image[], rk_bss_begin[], rk_bss_end[];
extern uint8_t end[];

struct rk_guest rk_guest;

HARNESS("handler") uint8_t rk_handler_stack[HANDLER_STACK_bytes];
HARNESS("table1") uint64_t rk_translation_table[4]; /* of 1 GiB each */
HARNESS("table2") static uint64_t blocks[ENTRIES];  /* of the GiB with RAM */
HARNESS("table3") static uint64_t pages[ENTRIES];   /* of the block with the program's data */

int main(void);
void rk_map_memory(void);
_Noreturn void rk_start(void);
_Noreturn void rk_fault_a64(uint64_t status, uint64_t pc, uint64_t address, uint64_t sp);
_Noreturn void rk_fault_thumb(uint32_t vector, uint32_t pc, uint32_t status, uint32_t address, uint32_t sp);
_Noreturn void _exit(int code);
void *_sbrk(ptrdiff_t bytes);

static uint64_t address_of(const void *at)
{
    return (uintptr_t)at;
}

static unsigned block_of(const void *at)
{
    return (unsigned)(address_of(at) / BLOCK_bytes % ENTRIES);
}

/* Before static data is in place. */
void rk_map_memory(void)
{
    uint64_t window_pages = address_of(rk_ram_window) / PAGE_bytes;

    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t page = address_of(rk_ram) + (uint64_t)i * PAGE_bytes;
        pages[i] = i < window_pages ? page | NORMAL | EXECUTE_NEVER | PAGE : 0;
        blocks[i] = 0;
    }
    blocks[block_of(rk_ram)] = address_of(pages) | TABLE;
    for (unsigned i = 0; i < CODE_BLOCKS; i++) {
        blocks[block_of(rk_code) + i] = (address_of(rk_code) + (uint64_t)i * BLOCK_bytes) | NORMAL | READ_ONLY | BLOCK;
    }
    blocks[block_of(rk_harness)] = (address_of(rk_harness) & -(uint64_t)BLOCK_bytes) | NORMAL | EXECUTE_NEVER | BLOCK;
    for (unsigned i = 0; i < 4; i++) {
        rk_translation_table[i] = 0;
    }
    rk_translation_table[address_of(rk_ram) >> 30] = address_of(blocks) | TABLE;
}

void rk_start(void)
{
    const uint32_t *from = rk_data_image;

    for (uint32_t *to = rk_data_begin; to < rk_data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = rk_bss_begin; to < rk_bss_end; to++) {
        *to = 0;
    }
    rk_guest.heap_end = (uint32_t)address_of(end);
    _exit(main());
}

_Noreturn static void report(uint32_t kind)
{
    rk_guest.fault_kind = kind;
    RK_REGION_EXIT();
    for (;;) {
    }
}

void rk_fault_a64(uint64_t status, uint64_t pc, uint64_t address, uint64_t sp)
{
    rk_guest.fault_exception = RK_GUEST_A64 + (uint32_t)(status >> 26 & 63);
    rk_guest.fault_status = (uint32_t)status;
    rk_guest.fault_address = (uint32_t)address;
    rk_guest.fault_pc = (uint32_t)pc;
    rk_guest.fault_sp = (uint32_t)sp;
    report(RK_GUEST_FAULT_EXCEPTION);
}

void rk_fault_thumb(uint32_t vector, uint32_t pc, uint32_t status, uint32_t address, uint32_t sp)
{
    rk_guest.fault_exception = RK_GUEST_A32 + vector / 4;
    rk_guest.fault_status = status;
    rk_guest.fault_address = address;
    rk_guest.fault_pc = pc;
    rk_guest.fault_sp = sp;
    report(RK_GUEST_FAULT_EXCEPTION);
}

/* Ends the program for exit(). */
void _exit(int code)
{
    rk_guest.fault_status = (uint32_t)code;
    report(RK_GUEST_FAULT_EXIT);
}

/* Memory for malloc, up to where the stack is now. The emulator reads the end of the heap from outside. */
void *_sbrk(ptrdiff_t bytes)
{
    uint32_t before = rk_guest.heap_end;
    uint32_t stack = (uint32_t)address_of(__builtin_frame_address(0));

    if (bytes < 0 || (size_t)bytes > stack - before) {
        rk_guest.heap_refused++;
        return (void *)-1;
    }
    rk_guest.heap_end = before + (uint32_t)bytes;
    return (void *)(uintptr_t)before;
}
