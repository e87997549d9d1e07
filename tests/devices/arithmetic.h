/* tests/devices/arithmetic.h - C arithmetic of all widths, digested: the same source on a device and on the host
 *
 * A compiler calls a runtime for what its CPU lacks: products, quotients, shifts of 32 and 64 bits. Each operation is done
 * on all pairs of a table of operands and its results are digested into one word; both compilers must get the same words.
 */
#ifndef TESTS_DEVICES_ARITHMETIC_H
#define TESTS_DEVICES_ARITHMETIC_H

#include <stdint.h>

enum { ARITHMETIC_OPERATIONS = 90 };

/* What each operation's results digest to, and how it is called in a message. */
struct arithmetic_result {
    uint32_t digest;
    uint16_t count; /* of pairs */
};

/* in: an operation below ARITHMETIC_OPERATIONS. */
void arithmetic_run(unsigned operation, struct arithmetic_result *result);
const char *arithmetic_name(unsigned operation);

#endif
