/* A rekeylab whose bookkeeping forgets what the mechanism named by RK_FORGETS makes keys from: it takes them for fresh ones.
 * Linked with --wrap for the two functions. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *__real_rk_mechanism_class(unsigned mechanism);
const char *__wrap_rk_mechanism_class(unsigned mechanism);
bool __real_rk_adversary_has_root(uint8_t mechanism);
bool __wrap_rk_adversary_has_root(uint8_t mechanism);
const char *rk_mechanism_name(unsigned mechanism);

static bool forgotten(unsigned mechanism)
{
    const char *named = getenv("RK_FORGETS"), *name = rk_mechanism_name(mechanism);
    return named != NULL && name != NULL && strcmp(name, named) == 0;
}

const char *__wrap_rk_mechanism_class(unsigned mechanism)
{
    return forgotten(mechanism) ? "A1" : __real_rk_mechanism_class(mechanism);
}

bool __wrap_rk_adversary_has_root(uint8_t mechanism)
{
    return !forgotten(mechanism) && __real_rk_adversary_has_root(mechanism);
}
