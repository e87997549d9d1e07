/* engine/core/csv.h - fields of comma-separated values, quoted as RFC 4180 says */
#ifndef ENGINE_CORE_CSV_H
#define ENGINE_CORE_CSV_H

#include <stdio.h>

/* Writes one field, in quotation marks where it needs them. */
void rk_csv_field(FILE *out, const char *text);

#endif
