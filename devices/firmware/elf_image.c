/* devices/firmware/elf_image.c - ELF of 32 and 64 bits through libelf */
#include "devices/firmware/elf_image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rk_elf_image {
    int file;
    Elf *elf;
    GElf_Ehdr header;
};

enum rk_err rk_elf_open(struct rk_elf_image **image, const char *path, struct rk_diag *diag)
{
    struct rk_elf_image *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "%s: no memory", path);
    }
    opened->file = open(path, O_RDONLY | O_CLOEXEC);
    if (opened->file < 0) {
        free(opened);
        return rk_fail(diag, RK_ERR_INPUT, "%s: %s", path, strerror(errno));
    }
    elf_version(EV_CURRENT);
    /* Mapped: after elf_rawfile() libelf forgets what it had read by sections before. */
    opened->elf = elf_begin(opened->file, ELF_C_READ_MMAP, NULL);
    if (opened->elf == NULL || elf_kind(opened->elf) != ELF_K_ELF ||
        gelf_getehdr(opened->elf, &opened->header) == NULL) {
        rk_elf_close(opened);
        return rk_fail(diag, RK_ERR_INPUT, "%s: not an ELF file", path);
    }
    *image = opened;
    return RK_OK;
}

void rk_elf_close(struct rk_elf_image *image)
{
    if (image != NULL) {
        elf_end(image->elf);
        close(image->file);
        free(image);
    }
}

unsigned rk_elf_machine(const struct rk_elf_image *image)
{
    return image->header.e_machine;
}

bool rk_elf_symbol(const struct rk_elf_image *image, const char *name, uint64_t *value, uint64_t *bytes)
{
    for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section != NULL;
         section = elf_nextscn(image->elf, section)) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) {
            continue;
        }
        Elf_Data *data = elf_getdata(section, NULL);
        for (size_t i = 0; data != NULL && i < header.sh_size / header.sh_entsize; i++) {
            GElf_Sym symbol;
            if (gelf_getsym(data, (int)i, &symbol) == NULL || symbol.st_shndx == SHN_UNDEF) {
                continue;
            }
            const char *found = elf_strptr(image->elf, header.sh_link, symbol.st_name);
            if (found != NULL && strcmp(found, name) == 0) {
                if (value != NULL) {
                    *value = symbol.st_value;
                }
                if (bytes != NULL) {
                    *bytes = symbol.st_size;
                }
                return true;
            }
        }
    }
    return false;
}

void rk_elf_symbols(const struct rk_elf_image *image, rk_elf_symbol_fn *give, void *context)
{
    for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section != NULL;
         section = elf_nextscn(image->elf, section)) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) {
            continue;
        }
        Elf_Data *data = elf_getdata(section, NULL);
        for (size_t i = 0; data != NULL && i < header.sh_size / header.sh_entsize; i++) {
            GElf_Sym symbol;
            if (gelf_getsym(data, (int)i, &symbol) == NULL || symbol.st_shndx == SHN_UNDEF || symbol.st_size == 0) {
                continue;
            }
            const char *name = elf_strptr(image->elf, header.sh_link, symbol.st_name);
            if (name != NULL && name[0] != '\0') {
                give(context, name, symbol.st_value, symbol.st_size, GELF_ST_TYPE(symbol.st_info) == STT_FUNC);
            }
        }
    }
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The mailbox is the harness's, and lies where the device has no memory. */
static bool reserved(const char *section)
{
    return starts_with(section, ".heap") || starts_with(section, ".stack") || starts_with(section, ".eeprom") ||
           starts_with(section, ".nvm") || starts_with(section, ".mailbox");
}

void rk_elf_measure(const struct rk_elf_image *image, struct rk_elf_sizes *sizes)
{
    size_t names = 0;
    memset(sizes, 0, sizeof *sizes);
    elf_getshdrstrndx(image->elf, &names);
    for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section != NULL;
         section = elf_nextscn(image->elf, section)) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == NULL || (header.sh_flags & SHF_ALLOC) == 0) {
            continue;
        }
        const char *name = elf_strptr(image->elf, names, header.sh_name);
        if (name == NULL || reserved(name)) {
            continue;
        }
        if (header.sh_type != SHT_NOBITS) {
            sizes->flash_bytes += header.sh_size;
        }
        if ((header.sh_flags & SHF_WRITE) != 0) {
            sizes->ram_static_bytes += header.sh_size;
        }
    }
}

size_t rk_elf_load(const struct rk_elf_image *image, uint64_t first, uint8_t *out, size_t bytes)
{
    size_t end = 0;
    size_t total = 0;
    const char *raw = elf_rawfile(image->elf, &total);
    for (size_t i = 0; raw != NULL && i < image->header.e_phnum; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(image->elf, (int)i, &segment) == NULL || segment.p_type != PT_LOAD || segment.p_filesz == 0 ||
            segment.p_paddr < first || segment.p_paddr - first >= bytes || segment.p_offset > total ||
            segment.p_filesz > total - segment.p_offset) {
            continue;
        }
        size_t at = (size_t)(segment.p_paddr - first);
        size_t take = segment.p_filesz < bytes - at ? (size_t)segment.p_filesz : bytes - at;
        memcpy(out + at, raw + segment.p_offset, take);
        if (at + take > end) {
            end = at + take;
        }
    }
    return end;
}
