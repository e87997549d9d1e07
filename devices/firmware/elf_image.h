/* devices/firmware/elf_image.h - what an image says about itself: symbols, sizes, contents
 *
 * Model:  flash = bytes of the sections that are programmed into it (.text, .rodata, initial values of .data);
 *         static RAM = .data, .bss and .noinit. The mailbox belongs to the harness, section .mailbox. Heap and stack
 *         sections of a linker script reserve RAM but are no demand of the program: not counted.
 * Units:  bytes.
 * Source: ELF, Tool Interface Standard 1.2; AVR: data space at 0x800000, EEPROM at 0x810000 (avr-libc's linker
 * scripts).
 */
#ifndef DEVICES_FIRMWARE_ELF_IMAGE_H
#define DEVICES_FIRMWARE_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/err.h"

struct rk_elf_image; /* an open ELF file */

struct rk_elf_sizes {
    uint64_t flash_bytes;
    uint64_t ram_static_bytes;
};

RK_MUST_CHECK enum rk_err rk_elf_open(struct rk_elf_image **image, const char *path, struct rk_diag *diag);
void rk_elf_close(struct rk_elf_image *image);

/* out: the machine of the ELF header, EM_AVR and so on. */
unsigned rk_elf_machine(const struct rk_elf_image *image);

/* out: false when there is no such symbol. value and size may be NULL. */
bool rk_elf_symbol(const struct rk_elf_image *image, const char *name, uint64_t *value, uint64_t *bytes);

/* Gives each symbol that has a name and a size, in the file's order. */
typedef void rk_elf_symbol_fn(void *context, const char *name, uint64_t value, uint64_t bytes, bool is_function);
void rk_elf_symbols(const struct rk_elf_image *image, rk_elf_symbol_fn *give, void *context);

void rk_elf_measure(const struct rk_elf_image *image, struct rk_elf_sizes *sizes);

/* Copies what is loaded at physical addresses first..first + bytes - 1 to `out`.
 * out: end of what was loaded, relative to first; 0 when nothing was. Parts outside are not copied. */
size_t rk_elf_load(const struct rk_elf_image *image, uint64_t first, uint8_t *out, size_t bytes);

#endif
