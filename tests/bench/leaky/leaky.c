/* tests/bench/leaky/leaky.c - a backend whose key wrap leaves the key in every memory that a device has
 *
 * What it wraps its library leaves (leaky_library.c), in a frame full of return addresses into the adapter.
 */
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/feature.h"
#include "devices/firmware/port.h"
#include "tests/bench/leaky/leaky_library.h"

enum { KEY_bytes = 16, FREED_bytes = 48, NVM_at = 0, DEPTH = 200 };

uint8_t rk_leaky_static[KEY_bytes];
static uint8_t *volatile kept;

/* Deep enough that nothing overwrites it before the next wait. */
static __attribute__((noinline)) void leave_on_stack(const uint8_t *key)
{
    uint8_t frame[400];
    memcpy(frame, key, KEY_bytes);
    __asm__ volatile("" : : "r"(frame) : "memory");
}

/* Return addresses of calls that are long over. */
static __attribute__((noinline)) unsigned leave_return_addresses(unsigned depth)
{
    unsigned below = depth > 0 ? leave_return_addresses(depth - 1) : 0;
    __asm__ volatile("" : "+r"(below) : : "memory");
    return below + 1;
}

/* The first bytes of a freed block are the allocator's. */
static void leave_on_heap(const uint8_t *key)
{
    uint8_t *volatile freed = malloc(FREED_bytes);
    kept = malloc(KEY_bytes);
    if (freed != NULL && kept != NULL) {
        memcpy(freed + FREED_bytes - KEY_bytes, key, KEY_bytes);
        memcpy(kept, key, KEY_bytes);
    }
    __asm__ volatile("" : : "r"(freed) : "memory"); /* compilers know that nobody reads what is freed */
    free(freed);
}

/* In registers that a call preserves and nobody has used, without saying so. */
static __attribute__((noinline)) void leave_in_registers(const uint8_t *key)
{
#if defined(__AVR__)
    __asm__ volatile(
        "ld r2, Z+\n\tld r3, Z+\n\tld r4, Z+\n\tld r5, Z+\n\tld r6, Z+\n\tld r7, Z+\n\tld r8, Z+\n\tld r9, Z"
        :
        : "z"(key)
        : "memory");
#elif defined(__MSP430__)
    __asm__ volatile("mov @%0+, r4\n\tmov @%0+, r5\n\tmov @%0+, r6\n\tmov @%0+, r7" : "+r"(key) : : "memory");
#elif defined(__arm__) && !defined(__linux__)
    __asm__ volatile("ldr r3, [%0]\n\tmov r10, r3\n\tldr r3, [%0, #4]\n\tmov r11, r3" : : "r"(key) : "r3", "memory");
#elif defined(__aarch64__)
    __asm__ volatile("ldr x18, [%0]" : : "r"(key) : "memory");
#else
    (void)key;
#endif
}

static enum rk_crypto key_wrap(struct rk_wrap_job *job)
{
    uint8_t key[KEY_bytes] __attribute__((aligned(4)));
    memcpy(key, job->kek, sizeof key);
    memcpy(rk_leaky_static, key, sizeof key);
    leave_return_addresses(DEPTH);
    rk_leaky_library(job->in);
    leave_on_stack(key);
    leave_on_heap(key);
    if (rk_port_nvm_erase_bytes() != 0) {
        rk_port_nvm_erase(NVM_at);
    }
    rk_port_nvm_write(NVM_at, key, sizeof key);
    memset(job->out, 0, job->in_bytes + 8u);
    job->out_bytes = (uint16_t)(job->in_bytes + 8);
    leave_in_registers(key);
    return RK_CRYPTO_OK;
}

static const struct rk_backend backend = {
    .name = "leaky",
    .version = "1",
    .capabilities = RK_PROVIDES & RK_USES,
    .key_wrap = RK_HAS(RK_ALG_AES_KEY_WRAP) ? key_wrap : NULL,
};

const struct rk_backend *rk_backend_get(void)
{
    return &backend;
}
