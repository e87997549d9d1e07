/* backends/wolfssl/private_part.h - from here on, what the library declares is private to the file that includes this
 *
 * For a file of the adapter that compiles a part of the library once more, with settings of its own: the names of that
 * part then do not meet those of the library proper. Headers whose functions stay the library's are included before,
 * the headers and sources of the private part after.
 */
#ifndef BACKENDS_WOLFSSL_PRIVATE_PART_H
#define BACKENDS_WOLFSSL_PRIVATE_PART_H

#include "wolfssl/wolfcrypt/settings.h"

#undef WOLFSSL_API
#undef WOLFSSL_LOCAL
#define WOLFSSL_API   static
#define WOLFSSL_LOCAL static

#pragma GCC diagnostic ignored "-Wunused-function" /* declared by the library's header, left out by its settings */

#endif
