/* The one copy of the small functions, where they are not inline. */
#define RKI_SMALL_BODIES
#include "engine/lifecycle/internal.h"
