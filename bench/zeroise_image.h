/* bench/zeroise_image.h - whose is a byte of an image's RAM?
 *
 * Model:  our code is what is compiled from this tree: the harness, the lifecycle, and a backend's adapter. A library's is
 *         what its sources gave. The rest is the C library's and the compiler's: it belongs to whoever called it.
 *   static data  by the object file that the linker's map names at the address.
 *   stack        in the middle of a call: the calls under way say where each frame lies. Return addresses are
 *                at the upper end of a frame; on A64 at the lower one, above the link to the next frame. The function is
 *                the one that holds the next call or, of the innermost frame, the next instruction. A frame of the C
 *                library's or the compiler's belongs to the next one out that is not. Bytes above all frames are ours.
 *   heap         the library's, where there is one: no adapter allocates.
 *   registers    ours: our code runs last, and could have cleared them.
 * Error:  on ARM the emulator knows what is returned to and not where on the stack that is: it is looked for, from the
 *         outermost down. Of a leaf function of ARM (not A64), which saves no return address, the frame counts as its
 *         caller's.
 * Units:  bytes; addresses as the ELF file has them (AVR: RAM from 0x800000).
 */
#ifndef BENCH_ZEROISE_IMAGE_H
#define BENCH_ZEROISE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/emulators/emulator.h"
#include "engine/core/err.h"

enum rk_zeroise_owner { RK_ZEROISE_OURS, RK_ZEROISE_LIBRARY, RK_ZEROISE_RUNTIME };

struct rk_zeroise_image; /* an image and its linker map */

RK_MUST_CHECK enum rk_err rk_zeroise_image_open(struct rk_zeroise_image **image, const char *path,
                                                struct rk_diag *diag);
void rk_zeroise_image_close(struct rk_zeroise_image *image);

/* out: address of the RAM's first byte; end of static data. */
uint64_t rk_zeroise_image_ram(const struct rk_zeroise_image *image);
uint64_t rk_zeroise_image_static_end(const struct rk_zeroise_image *image);

bool rk_zeroise_image_has_library(const struct rk_zeroise_image *image);

/* A named object: out: false when the image has none. */
bool rk_zeroise_image_symbol(const struct rk_zeroise_image *image, const char *name, uint64_t *address,
                             uint64_t *bytes);

/* out: the owner of code or static data at address; symbol: its name there, "" for none. */
enum rk_zeroise_owner rk_zeroise_image_owner(const struct rk_zeroise_image *image, uint64_t address,
                                             const char **symbol);

/* The same for a byte on the stack. in: ram, all of it; calls, those under way. */
enum rk_zeroise_owner rk_zeroise_image_frame_owner(const struct rk_zeroise_image *image,
                                                   const struct rk_open_calls *calls, const uint8_t *ram,
                                                   size_t ram_bytes, size_t at, const char **symbol);

/* A byte of the heap in a block that is free? */
bool rk_zeroise_image_heap_freed(const struct rk_zeroise_image *image, const uint8_t *ram, size_t ram_bytes, size_t at);

/* out: where the heap ends now, from the start of RAM. */
size_t rk_zeroise_image_heap_end(const struct rk_zeroise_image *image, const uint8_t *ram, size_t ram_bytes);

#endif
