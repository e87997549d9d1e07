/* tests/devices/bare.c - the fixture's probe in a region, without the harness: no payload.c, nothing counted, nothing
 * but what any program on the device has. For test_region.c. */
#include "backends/backend.h"
#include "devices/firmware/mailbox.h"
#include "devices/firmware/port.h"
#include "devices/firmware/region.h"

__attribute__((section(".mailbox"))) struct rk_mailbox rk_mailbox;

/* A request is two fields, kek and key, each behind its 16-bit length. */
enum { KEK_at = 2, KEY_at = KEK_at + 16 + 2, KEY_bytes = 16 };

int main(void)
{
    static uint8_t wrapped[KEY_bytes + 8];
    static struct rk_wrap_job job = {
        .alg = RK_ALG_AES_KEY_WRAP,
        .kek_bytes = 16,
        .in_bytes = KEY_bytes,
        .kek = rk_mailbox.data + KEK_at,
        .in = rk_mailbox.data + KEY_at,
        .out = wrapped,
    };
    const struct rk_backend *backend = rk_backend_get();

    rk_mailbox.magic = RK_MAILBOX_MAGIC;
    for (;;) {
        rk_port_wait();
        RK_REGION_START(RK_REGION_OPERATION);
        enum rk_crypto result = backend->key_wrap(&job);
        RK_REGION_STOP(RK_REGION_OPERATION);
        rk_mailbox.result = (int8_t)result;
        rk_mailbox.fields = 0;
        rk_mailbox.data_bytes = 0;
    }
}
