#include "engine/core/quantity.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef unsigned __int128 wide;

struct unit {
    const char *name;
    uint64_t factor; /* base units in one of it */
};

struct dimension {
    const char *name;
    struct unit units[9]; /* ascending, ended by a NULL name */
    const char *base;
};

#define SECOND ((uint64_t)1000000000)
#define GY     ((uint64_t)1000000000) /* years that a rate is counted over */

static const struct dimension dimensions[RK_DIM_END] = {
    [RK_DIM_COUNT] = {"count", {{NULL, 0}}, ""},
    [RK_DIM_TIME] = {"time",
                     {{"ns", 1},
                      {"us", 1000},
                      {"ms", 1000000},
                      {"s", SECOND},
                      {"min", 60 * SECOND},
                      {"h", 3600 * SECOND},
                      {"d", 86400 * SECOND},
                      {"y", 31557600 * SECOND},
                      {NULL, 0}},
                     "ns"},
    [RK_DIM_CURRENT] = {"current", {{"nA", 1}, {"uA", 1000}, {"mA", 1000000}, {"A", 1000000000}, {NULL, 0}}, "nA"},
    [RK_DIM_VOLTAGE] = {"voltage", {{"mV", 1}, {"V", 1000}, {NULL, 0}}, "mV"},
    [RK_DIM_FREQUENCY] = {"frequency",
                          {{"Hz", 1}, {"kHz", 1000}, {"MHz", 1000000}, {"GHz", 1000000000}, {NULL, 0}},
                          "Hz"},
    [RK_DIM_DATA] = {"size", {{"B", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {NULL, 0}}, "B"},
    [RK_DIM_ENERGY] = {"energy",
                       {{"pJ", 1}, {"nJ", 1000}, {"uJ", 1000000}, {"mJ", 1000000000}, {"J", 1000000000000}, {NULL, 0}},
                       "pJ"},
    [RK_DIM_CHARGE] = {"charge", {{"nAh", 1}, {"uAh", 1000}, {"mAh", 1000000}, {"Ah", 1000000000}, {NULL, 0}}, "nAh"},
    [RK_DIM_RATIO] = {"ratio", {{"ppm", 1}, {"%", 10000}, {NULL, 0}}, "ppm"},
    [RK_DIM_RATIO_PER_YEAR] = {"ratio per year", {{"ppm/y", 1}, {"%/y", 10000}, {NULL, 0}}, "ppm/y"},
    [RK_DIM_BIT_RATE] = {"bit rate", {{"bit/s", 1}, {"kbit/s", 1000}, {"Mbit/s", 1000000}, {NULL, 0}}, "bit/s"},
    [RK_DIM_RATE] = {"rate",
                     {{"/y", GY}, {"/d", GY / 4 * 1461}, {"/h", GY * 8766}, {"/s", GY * 31557600}, {NULL, 0}},
                     "event per 10^9 y"},
    [RK_DIM_LEVEL] = {"level", {{"mdB", 1}, {"dB", 1000}, {NULL, 0}}, "mdB"},
};

const char *rk_dimension_name(enum rk_dimension dimension)
{
    return dimensions[dimension].name;
}

const char *rk_dimension_base(enum rk_dimension dimension)
{
    return dimensions[dimension].base;
}

void rk_dimension_units(enum rk_dimension dimension, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (const struct unit *unit = dimensions[dimension].units; unit->name != NULL && used < size; unit++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : " ", unit->name);
    }
}

static enum rk_err refuse(enum rk_dimension dimension, const char *text, const char *what, struct rk_diag *diag)
{
    if (dimension == RK_DIM_COUNT) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.48s' %s, expected a whole number", text, what);
    }
    char units[80];
    rk_dimension_units(dimension, units, sizeof units);
    return rk_fail(diag, RK_ERR_INPUT, "'%.48s' %s, expected a number, one space and a unit of: %s", text, what, units);
}

struct decimal {
    uint64_t digits; /* value = digits / scale */
    uint64_t scale;  /* a power of ten */
    const char *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text)
{
    size_t count = 0;
    while (is_digit(text[count])) {
        count++;
    }
    return count;
}

/* out: false when it does not fit. */
static bool append_digits(uint64_t *number, const char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (__builtin_mul_overflow(*number, 10, number)) {
            return false;
        }
        if (__builtin_add_overflow(*number, (uint64_t)(digits[i] - '0'), number)) {
            return false;
        }
    }
    return true;
}

/* Decimal digits, at most one point between digits. out: NULL, or what is wrong. */
static const char *read_decimal(const char *text, struct decimal *number)
{
    *number = (struct decimal){.digits = 0, .scale = 1, .end = text};
    size_t whole = count_digits(text);
    if (whole == 0) {
        return *text == '-' || *text == '+' ? "has a sign" : "is not a number";
    }
    if (text[0] == '0' && whole > 1) {
        return "has a leading zero";
    }
    const char *fraction = text + whole + 1;
    size_t decimals = text[whole] == '.' ? count_digits(fraction) : 0;
    number->end = decimals > 0 ? fraction + decimals : text + whole;
    while (decimals > 0 && fraction[decimals - 1] == '0') {
        decimals--; /* 0.50 is 0.5 */
    }
    if (decimals > 19 || !append_digits(&number->digits, text, whole) ||
        !append_digits(&number->digits, fraction, decimals)) {
        return "has too many digits";
    }
    for (size_t i = 0; i < decimals; i++) {
        number->scale *= 10;
    }
    return NULL;
}

static enum rk_err parse_count(const char *text, uint64_t *value, struct rk_diag *diag)
{
    struct decimal number;
    const char *wrong = read_decimal(text, &number);
    if (wrong == NULL && *number.end != '\0') {
        wrong = *number.end == ' ' ? "has something after the number" : "is not a plain number";
    }
    if (wrong == NULL && number.scale != 1) {
        wrong = "is a fraction";
    }
    if (wrong != NULL) {
        return refuse(RK_DIM_COUNT, text, wrong, diag);
    }
    *value = number.digits;
    return RK_OK;
}

static const struct unit *find_unit(enum rk_dimension dimension, const char *name)
{
    for (const struct unit *unit = dimensions[dimension].units; unit->name != NULL; unit++) {
        if (strcmp(unit->name, name) == 0) {
            return unit;
        }
    }
    return NULL;
}

/* Why the text after the number is not " unit". */
static const char *wrong_unit(enum rk_dimension dimension, const char *rest)
{
    if (*rest == '\0') {
        return "has no unit";
    }
    if (*rest != ' ') {
        return find_unit(dimension, rest) != NULL ? "has no space before the unit" : "is not a plain number";
    }
    if (rest[1] == ' ') {
        return "has more than one space";
    }
    return "has an unknown unit";
}

enum rk_err rk_quantity_parse(enum rk_dimension dimension, const char *text, uint64_t *value, struct rk_diag *diag)
{
    if (dimension == RK_DIM_COUNT) {
        return parse_count(text, value, diag);
    }
    struct decimal number;
    const char *wrong = read_decimal(text, &number);
    if (wrong != NULL) {
        return refuse(dimension, text, wrong, diag);
    }
    const struct unit *unit = *number.end == ' ' ? find_unit(dimension, number.end + 1) : NULL;
    if (unit == NULL) {
        return refuse(dimension, text, wrong_unit(dimension, number.end), diag);
    }
    wide product = (wide)number.digits * unit->factor;
    if (product % number.scale != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.48s' is finer than the resolution, expected a multiple of 1 %s", text,
                       dimensions[dimension].base);
    }
    product /= number.scale;
    if (product > UINT64_MAX) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.48s' is too large, expected less than 2^64 %s", text,
                       dimensions[dimension].base);
    }
    *value = (uint64_t)product;
    return RK_OK;
}

/* Writes value / factor with up to three decimals if that is exact. */
static bool format_in(const struct unit *unit, uint64_t value, char text[RK_QUANTITY_TEXT_bytes])
{
    uint64_t whole = value / unit->factor;
    wide rest = (wide)(value % unit->factor) * 1000;
    if (rest % unit->factor != 0) {
        return false;
    }
    unsigned thousandths = (unsigned)(rest / unit->factor);
    int length = snprintf(text, RK_QUANTITY_TEXT_bytes, "%" PRIu64 ".%03u", whole, thousandths);
    while (text[length - 1] == '0') {
        length--;
    }
    if (text[length - 1] == '.') {
        length--;
    }
    snprintf(text + length, RK_QUANTITY_TEXT_bytes - (size_t)length, " %s", unit->name);
    return true;
}

/* The rates have no unit of one base unit: what no unit states exactly has as many decimals as it takes. */
static void format_long(const struct unit *unit, uint64_t value, char text[RK_QUANTITY_TEXT_bytes])
{
    int length = snprintf(text, RK_QUANTITY_TEXT_bytes, "%" PRIu64 ".%09" PRIu64, value / unit->factor,
                          value % unit->factor * (GY / unit->factor));
    while (text[length - 1] == '0') {
        length--;
    }
    snprintf(text + length, RK_QUANTITY_TEXT_bytes - (size_t)length, " %s", unit->name);
}

void rk_quantity_format(enum rk_dimension dimension, uint64_t value, char text[RK_QUANTITY_TEXT_bytes])
{
    if (dimension == RK_DIM_COUNT) {
        snprintf(text, RK_QUANTITY_TEXT_bytes, "%" PRIu64, value);
        return;
    }
    const struct unit *first = dimensions[dimension].units;
    const struct unit *unit = first;
    while (unit[1].name != NULL) {
        unit++;
    }
    for (; unit > first; unit--) {
        if (value >= unit->factor && format_in(unit, value, text)) {
            return;
        }
    }
    if (!format_in(first, value, text)) {
        format_long(first, value, text);
    }
}
