/* devices/firmware/libc/include/assert.h - a failed assertion aborts; without text, as there is nowhere to print it
 *
 * Without include guard, as ISO C asks: NDEBUG counts anew each time.
 */
#include <stdlib.h>

#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : abort())
#endif

#undef static_assert
#define static_assert _Static_assert
