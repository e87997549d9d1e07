/* backends/feature.h - leaves out of an image what its operation does not use
 *
 * RK_USES is a set of RK_CAP() bits given on the compiler's command line; without it everything is in. An adapter tests
 * RK_HAS(alg) in ordinary `if`s and in the initialisers of its table, so that the optimiser and --gc-sections drop the
 * rest.
 */
#ifndef BACKENDS_FEATURE_H
#define BACKENDS_FEATURE_H

#include "backends/backend.h"

#ifndef RK_USES
#define RK_USES (~0ul)
#endif

#define RK_HAS(alg) ((RK_USES & RK_CAP(alg)) != 0)

#endif
