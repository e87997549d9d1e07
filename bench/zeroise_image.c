/* bench/zeroise_image.c - see zeroise_image.h */
#include "bench/zeroise_image.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/firmware/elf_image.h"

enum { CODE_MAX_bytes = 1 << 20, MSP430_RAM = 0x1100, BLOCKS_MAX = 4096 };

#define AVR_RAM 0x800000u

struct symbol {
    uint64_t address, bytes;
    char *name;
};

struct section { /* a part of the image that one object file gave */
    uint64_t address, bytes;
    enum rk_zeroise_owner owner;
};

struct rk_zeroise_image {
    unsigned machine;
    unsigned address_bytes; /* of a pointer, and of a word of a free list */
    unsigned return_bytes;  /* of a return address on the stack */
    uint64_t ram, static_end, code_at;
    size_t code_bytes;
    uint8_t *code;
    struct symbol *symbol;
    size_t symbols;
    struct section *section;
    size_t sections;
    bool has_library;
};

/* --- opening --- */

static void take_symbol(void *context, const char *name, uint64_t value, uint64_t bytes, bool is_function)
{
    struct rk_zeroise_image *image = context;
    image->symbol = realloc(image->symbol, (image->symbols + 1) * sizeof *image->symbol);
    RK_REQUIRE(image->symbol != NULL);
    bool thumb = image->machine == EM_ARM && is_function; /* its bit is set */
    image->symbol[image->symbols++] =
        (struct symbol){.address = thumb ? value & ~1ull : value, .bytes = bytes, .name = strdup(name)};
}

/* in: path of an object file, as a map names it. The harness has parts of a C library in it. */
static enum rk_zeroise_owner owner_of_object(const char *path)
{
    static const char *const ours[] = {
        "libadapter.a(",          "/Unity/unity_0",      "agent.dir/",       "harness.dir/main.c", "harness.dir/port",
        "harness.dir/exchange.c", "harness.dir/check.c", "/avr/port.c",      "/msp430/port.c",     "/cortex-m/port.c",
        "/cortex-a/port.c",       "/cortex-m/start.c",   "/cortex-a/start.c"};
    if (strstr(path, "liblibrary.a(") != NULL) {
        return RK_ZEROISE_LIBRARY;
    }
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (strstr(path, ours[i]) != NULL) {
            return RK_ZEROISE_OURS;
        }
    }
    return RK_ZEROISE_RUNTIME;
}

static void take_section(struct rk_zeroise_image *image, uint64_t address, uint64_t bytes, const char *object)
{
    if (bytes == 0 || address == 0) {
        return;
    }
    image->section = realloc(image->section, (image->sections + 1) * sizeof *image->section);
    RK_REQUIRE(image->section != NULL);
    struct section *section = &image->section[image->sections++];
    *section = (struct section){.address = address, .bytes = bytes, .owner = owner_of_object(object)};
    image->has_library |= section->owner == RK_ZEROISE_LIBRARY;
}

/* in: name of a section. Attributes and comments have addresses, too, and are not in memory. */
static bool is_loaded(const char *name)
{
    static const char *const begins[] = {".text",  ".rodata",  ".data", ".bss",
                                         "COMMON", ".progmem", ".init", ".vectors"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (strncmp(name, begins[i], strlen(begins[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* A line of GNU ld's map, ` .section 0xADDRESS 0xBYTES OBJECT`, broken after a long name, or of lld's, `VMA LMA SIZE ALIGN
 * OBJECT:(SECTION)`. in, out: section, the name last seen. */
static void take_line(struct rk_zeroise_image *image, const char *line, char section[64])
{
    unsigned long long address, bytes;
    char object[512];
    if (line[0] == ' ' && (line[1] == '.' || strncmp(line + 1, "COMMON", 6) == 0)) {
        sscanf(line, "%63s", section);
    }
    const char *number = strstr(line, "0x");
    if (number != NULL && sscanf(number, "%llx %llx %511s", &address, &bytes, object) == 3) {
        if (is_loaded(section) && strchr(object, '.') != NULL) {
            take_section(image, address, bytes, object);
        }
    } else if (sscanf(line, "%llx %*x %llx %*u %511s", &address, &bytes, object) == 3 && strstr(object, ":(") != NULL) {
        take_section(image, address, bytes, object);
    }
}

static enum rk_err read_map(struct rk_zeroise_image *image, const char *path, struct rk_diag *diag)
{
    char name[1024], line[1024], section[64] = "";
    snprintf(name, sizeof name, "%s.map", path);
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: no linker map beside the image", name);
    }
    while (fgets(line, sizeof line, file) != NULL) {
        take_line(image, line, section);
    }
    fclose(file);
    return image->sections != 0 ? RK_OK : rk_fail(diag, RK_ERR_IO, "%s: not a linker map", name);
}

static void locate(struct rk_zeroise_image *image, const struct rk_elf_image *elf)
{
    uint64_t ram = MSP430_RAM, end = 0, code = 0;
    image->address_bytes = image->machine == EM_AARCH64 ? 8 : image->machine == EM_ARM ? 4 : 2;
    image->return_bytes = image->address_bytes;
    if (image->machine == EM_AVR) {
        rk_elf_symbol(elf, "__data_start", &ram, NULL);
        rk_elf_symbol(elf, "_end", &end, NULL);
        image->return_bytes = ram > AVR_RAM + 0x100 ? 3 : 2; /* parts with more than 128 KiB have RAM from 0x200 */
    } else {
        rk_elf_symbol(elf, "rk_ram", &ram, NULL);
        rk_elf_symbol(elf, "rk_code", &code, NULL);
        rk_elf_symbol(elf, "end", &end, NULL);
    }
    image->ram = ram;
    image->static_end = end;
    image->code_at = image->machine == EM_MSP430 ? 0x4000 : code;
}

enum rk_err rk_zeroise_image_open(struct rk_zeroise_image **out, const char *path, struct rk_diag *diag)
{
    struct rk_zeroise_image *image = calloc(1, sizeof *image);
    struct rk_elf_image *elf;
    RK_REQUIRE(image != NULL);
    *out = NULL;
    enum rk_err err = rk_elf_open(&elf, path, diag);
    if (err != RK_OK) {
        free(image);
        return err;
    }
    image->machine = rk_elf_machine(elf);
    image->code = calloc(1, CODE_MAX_bytes);
    RK_REQUIRE(image->code != NULL);
    locate(image, elf);
    image->code_bytes = rk_elf_load(elf, image->code_at, image->code, CODE_MAX_bytes);
    rk_elf_symbols(elf, take_symbol, image);
    rk_elf_close(elf);
    err = read_map(image, path, diag);
    if (err != RK_OK) {
        rk_zeroise_image_close(image);
        return err;
    }
    *out = image;
    return RK_OK;
}

void rk_zeroise_image_close(struct rk_zeroise_image *image)
{
    if (image == NULL) {
        return;
    }
    for (size_t i = 0; i < image->symbols; i++) {
        free(image->symbol[i].name);
    }
    free(image->symbol);
    free(image->section);
    free(image->code);
    free(image);
}

uint64_t rk_zeroise_image_ram(const struct rk_zeroise_image *image)
{
    return image->ram;
}

uint64_t rk_zeroise_image_static_end(const struct rk_zeroise_image *image)
{
    return image->static_end;
}

bool rk_zeroise_image_has_library(const struct rk_zeroise_image *image)
{
    return image->has_library;
}

bool rk_zeroise_image_symbol(const struct rk_zeroise_image *image, const char *name, uint64_t *address, uint64_t *bytes)
{
    for (size_t i = 0; i < image->symbols; i++) {
        if (strcmp(image->symbol[i].name, name) == 0) {
            *address = image->symbol[i].address;
            *bytes = image->symbol[i].bytes;
            return true;
        }
    }
    return false;
}

enum rk_zeroise_owner rk_zeroise_image_owner(const struct rk_zeroise_image *image, uint64_t address,
                                             const char **symbol)
{
    *symbol = "";
    for (size_t i = 0; i < image->symbols; i++) {
        if (address >= image->symbol[i].address && address - image->symbol[i].address < image->symbol[i].bytes) {
            *symbol = image->symbol[i].name;
        }
    }
    for (size_t i = 0; i < image->sections; i++) {
        if (address >= image->section[i].address && address - image->section[i].address < image->section[i].bytes) {
            return image->section[i].owner;
        }
    }
    return RK_ZEROISE_RUNTIME;
}

/* --- frames --- */

static uint64_t word(const struct rk_zeroise_image *image, const uint8_t *at)
{
    uint64_t value = 0;
    for (unsigned i = image->address_bytes; i-- > 0;) {
        value = value << 8 | at[i];
    }
    return value;
}

/* out: where on the stack the address is that a call returns to, at most at `below`; ram_bytes: nowhere. */
static size_t saved_at(const struct rk_zeroise_image *image, const struct rk_open_call *call, const uint8_t *ram,
                       size_t ram_bytes, size_t below)
{
    if (call->at != 0) {
        return (size_t)(call->at - image->ram);
    }
    uint64_t wanted = call->returns_to | (image->machine == EM_ARM ? 1 : 0); /* the bit of Thumb */
    size_t end = (size_t)(image->static_end - image->ram), step = image->address_bytes;
    for (size_t at = below / step * step; at >= end && at >= step; at -= step) {
        if (at + step <= ram_bytes && word(image, ram + at) == wanted) {
            return at;
        }
    }
    return ram_bytes;
}

/* out: the number of the call in whose function's frame a byte lies; calls->count for none. */
static unsigned frame_of(const struct rk_zeroise_image *image, const struct rk_open_calls *calls, const uint8_t *ram,
                         size_t ram_bytes, size_t byte)
{
    bool link_is_low = image->machine == EM_AARCH64;
    unsigned frame = calls->count;
    size_t at = ram_bytes;
    for (unsigned i = 0; i < calls->count; i++) {
        size_t saved = saved_at(image, &calls->call[i], ram, ram_bytes, at);
        if (saved >= ram_bytes && link_is_low && i + 1 == calls->count) {
            return i; /* a leaf */
        }
        if (saved >= ram_bytes) { /* in a register: of a leaf, not yet saved, or of a call that does not return */
            continue;
        }
        if (link_is_low ? byte + image->address_bytes >= saved : byte > saved + image->return_bytes - 1) {
            return link_is_low ? i : frame;
        }
        frame = i;
        at = saved;
    }
    return frame;
}

enum rk_zeroise_owner rk_zeroise_image_frame_owner(const struct rk_zeroise_image *image,
                                                   const struct rk_open_calls *calls, const uint8_t *ram,
                                                   size_t ram_bytes, size_t at, const char **symbol)
{
    unsigned first = frame_of(image, calls, ram, ram_bytes, at);
    for (unsigned i = first < calls->count ? first + 1 : 0; i-- > 0;) {
        uint64_t inside = i + 1 < calls->count ? calls->call[i + 1].returns_to - 1 : calls->pc;
        enum rk_zeroise_owner owner = rk_zeroise_image_owner(image, inside, symbol);
        if (owner != RK_ZEROISE_RUNTIME) {
            return owner;
        }
    }
    *symbol = "";
    return RK_ZEROISE_OURS;
}

/* --- the heap --- */

/* out: the word at an address of RAM, 0 outside. AVR's pointers lack the offset of the ELF file's addresses. */
static uint64_t word_at(const struct rk_zeroise_image *image, const uint8_t *ram, size_t ram_bytes, uint64_t address)
{
    uint64_t at = address - image->ram;
    return address < image->ram || at + image->address_bytes > ram_bytes ? 0 : word(image, ram + at);
}

static uint64_t pointer(const struct rk_zeroise_image *image, uint64_t value)
{
    return image->machine == EM_AVR && value != 0 ? value + AVR_RAM : value;
}

/* All three allocators (avr-libc, newlib's small one, ours) chain free blocks that begin with a size and a link; avr-libc's
 * size does not count itself. */
bool rk_zeroise_image_heap_freed(const struct rk_zeroise_image *image, const uint8_t *ram, size_t ram_bytes, size_t at)
{
    static const char *const lists[] = {"__flp", "free_list", "__malloc_free_list"};
    uint64_t list = 0, bytes, address = image->ram + at;
    for (size_t i = 0; list == 0 && i < sizeof lists / sizeof lists[0]; i++) {
        rk_zeroise_image_symbol(image, lists[i], &list, &bytes);
    }
    if (list == 0 || at >= rk_zeroise_image_heap_end(image, ram, ram_bytes)) {
        return true;
    }
    uint64_t block = pointer(image, word_at(image, ram, ram_bytes, list));
    for (unsigned i = 0; block != 0 && i < BLOCKS_MAX; i++) {
        uint64_t size = word_at(image, ram, ram_bytes, block) + (image->machine == EM_AVR ? image->address_bytes : 0);
        if (address >= block && address - block < size) {
            return true;
        }
        block = pointer(image, word_at(image, ram, ram_bytes, block + image->address_bytes));
    }
    return false;
}

size_t rk_zeroise_image_heap_end(const struct rk_zeroise_image *image, const uint8_t *ram, size_t ram_bytes)
{
    uint64_t at = 0, bytes, end = 0;
    if (rk_zeroise_image_symbol(image, "__brkval", &at, &bytes) ||
        rk_zeroise_image_symbol(image, "rk_heap_end", &at, &bytes)) {
        end = pointer(image, word_at(image, ram, ram_bytes, at));
    } else if (rk_zeroise_image_symbol(image, "rk_guest", &at, &bytes)) {
        end = (uint64_t)ram[at - image->ram] | (uint64_t)ram[at - image->ram + 1] << 8 |
              (uint64_t)ram[at - image->ram + 2] << 16 | (uint64_t)ram[at - image->ram + 3] << 24;
    }
    return (size_t)((end > image->static_end ? end : image->static_end) - image->ram);
}
