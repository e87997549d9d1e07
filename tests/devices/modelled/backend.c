/* tests/devices/modelled/backend.c - the modelled backend, on the device that this is compiled for */
#include "backends/feature.h"
#include "backends/modelled/modelled.h"

const struct rk_backend *rk_backend_get(void)
{
    static struct rk_backend backend;
    if (backend.name == NULL)
        rk_modelled_init(&backend, RK_PROVIDES, RK_ALG_HMAC_DRBG);
    return &backend;
}
