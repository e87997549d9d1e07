#include "reports/document.h"

#include <math.h>

struct rki_cell rki_cell_text(const char *text)
{
    return (struct rki_cell){.text = text != NULL ? text : "", .value = NAN, .share = NAN};
}

struct rki_cell rki_cell_number(double value, const char *format)
{
    struct rki_cell cell = {.value = value, .share = NAN};
    if (isnan(value)) {
        snprintf(cell.number, sizeof cell.number, "%s", "\u2013");
    } else {
        snprintf(cell.number, sizeof cell.number, format, value);
    }
    return cell; /* text NULL: the number */
}
