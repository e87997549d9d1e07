/* engine/study/folder.h - folders that results are written to */
#ifndef ENGINE_STUDY_FOLDER_H
#define ENGINE_STUDY_FOLDER_H

#include <stdbool.h>

/* Makes a folder and those above it, as far as they are missing. out: whether it is there. */
bool rk_folder_make(const char *path);

#endif
