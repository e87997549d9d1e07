#include "engine/core/xml.h"

#include <stddef.h>

static const char *name_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

void rk_xml_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *name = name_of(*text);
        if (name != NULL) {
            fputs(name, out);
        } else {
            putc(*text, out);
        }
    }
}
