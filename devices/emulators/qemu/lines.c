#include "devices/emulators/qemu/lines.h"

#include <string.h>

bool rki_lines_read(struct rki_lines *lines, uint64_t line, unsigned most)
{
    unsigned at = 0;

    while (at < lines->count && lines->line[at] != line) {
        at++;
    }
    bool kept = at < lines->count;
    if (!kept && lines->count < most) {
        at = lines->count++;
    } else if (!kept) {
        at = most - 1;
    }
    memmove(&lines->line[1], &lines->line[0], at * sizeof lines->line[0]);
    lines->line[0] = line;
    return kept;
}
