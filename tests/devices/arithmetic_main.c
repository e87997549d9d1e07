/* tests/devices/arithmetic_main.c - runs all of arithmetic.h on a device; the test reads `results` when it ends */
#include "devices/firmware/region.h"
#include "tests/devices/arithmetic.h"

struct arithmetic_result results[ARITHMETIC_OPERATIONS];

int main(void)
{
    for (unsigned i = 0; i < ARITHMETIC_OPERATIONS; i++) {
        arithmetic_run(i, &results[i]);
    }
    RK_REGION_EXIT();
    return 0;
}
