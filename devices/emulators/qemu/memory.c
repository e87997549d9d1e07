#include "devices/emulators/qemu/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/core/folder.h"

enum rk_err rki_memory_make(struct rki_memory *memory, size_t bytes, const char *what, struct rk_diag *diag)
{
    *memory = (struct rki_memory){.file = -1, .bytes = bytes};
    memory->file = rk_folder_scratch(memory->path, sizeof memory->path, &memory->has_name);
    if (memory->file < 0 || ftruncate(memory->file, (off_t)bytes) != 0) {
        return rk_fail(diag, RK_ERR_EMULATOR, "cannot make %s: %s", what, strerror(errno));
    }
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory->file, 0);
    if (at == MAP_FAILED) {
        return rk_fail(diag, RK_ERR_EMULATOR, "cannot map %s: %s", what, strerror(errno));
    }
    memory->at = at;
    return RK_OK;
}

void rki_memory_free(struct rki_memory *memory)
{
    if (memory->at != NULL) {
        munmap(memory->at, memory->bytes);
    }
    if (memory->file >= 0) {
        close(memory->file);
        if (memory->has_name) {
            unlink(memory->path);
        }
    }
    *memory = (struct rki_memory){.file = -1};
}
