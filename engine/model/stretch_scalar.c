/* One message at a time: any machine. */
#define RKI_LANES 1
#include "engine/model/stretch_lanes.h"

RKI_KERNEL(rki_kernel_scalar);
