/* engine/core/folder.h - folders and nameless files that we write to
 *
 * Error: errno says why.
 */
#ifndef ENGINE_CORE_FOLDER_H
#define ENGINE_CORE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a folder and those above it, as far as they are missing. out: whether it is there. */
bool rk_folder_make(const char *path);

/* A file to be opened by its path from here or by a child. A memory file leaves nothing behind, but has a path only by
 * what /proc gives it. Where /proc is not mounted, as in a bare chroot, a file with a name serves, which the caller must
 * remove. out: descriptor, open for reading and writing, or -1; path; whether it has a name. */
int rk_folder_scratch(char *path, size_t room, bool *has_name);

#endif
