/* backends/feature.h - leaves out of an image what its operation does not use
 *
 * Given on the compiler's command line as sets of RK_CAP() bits: RK_PROVIDES, what the adapter does for this device's
 * family, and RK_COMPOSES, the part of it that is ours (both from backend.cmake); RK_USES, what the image needs.
 * Only a backend's backend.c depends on RK_USES: it is compiled for each image, and its dispatchers name a primitive
 * in an RK_CASE, so that the optimiser and --gc-sections drop all others. The rest of an adapter is compiled once.
 */
#ifndef BACKENDS_FEATURE_H
#define BACKENDS_FEATURE_H

#include "backends/backend.h"

#ifndef RK_USES
#define RK_USES (~0ull)
#endif

#define RK_HAS(alg) ((RK_USES & RK_PROVIDES & RK_CAP(alg)) != 0)

/* A branch of a dispatcher's `switch` over algorithms. */
#define RK_CASE(alg, call)                                                                                             \
    case alg:                                                                                                          \
        return RK_HAS(alg) ? (call) : RK_CRYPTO_UNSUPPORTED

#endif
