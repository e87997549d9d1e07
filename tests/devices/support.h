/* tests/devices/support.h - the fixture's firmware, and calls of it, for the tests of this room */
#ifndef TESTS_DEVICES_SUPPORT_H
#define TESTS_DEVICES_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backends/backend.h"
#include "devices/emulators/emulator.h"
#include "devices/firmware/build.h"
#include "tests/devices/fixture/probe.h"

/* An ATmega1284P at 8 MHz whose EEPROM takes 3.4 ms a byte; an MSP430F1611 at 4 MHz; a host with 4 KiB of NVM. */
extern const struct rk_device_profile support_atmega1284p;
extern const struct rk_device_profile support_msp430f1611;
extern const struct rk_device_profile support_host;

/* The fixture's image of an operation for `device`, built on first use. Fails the test when there is none. */
const char *support_image(const char *device, enum rk_operation operation);

/* An emulator running that image. */
struct rk_emulator *support_open(const struct rk_device_profile *profile, enum rk_operation operation);

/* A probe's request: kek = kind, amount; 16 bytes of key, all `fill`. */
void support_probe(struct rk_call *call, enum probe kind, uint16_t amount, uint8_t fill);

/* Carries out a probe, which must succeed with RK_CRYPTO_OK. */
void support_do(const struct rk_emulator_driver *driver, struct rk_emulator *emulator, struct rk_call *call,
                enum probe kind, uint16_t amount, uint8_t fill);

/* Stacks of 100 bytes and more, in steps: what is measured, and what of the paint is gone, grows by just that.
 * in: slack, what a call takes besides. */
void support_stack_grows(const struct rk_emulator_driver *driver, const struct rk_device_profile *profile,
                         uint32_t sizes, uint32_t step_bytes, uint32_t slack_bytes);

/* A call that fails for want of heap does not fit, says so, and leaves the device as it was. */
void support_heap_refused(const struct rk_emulator_driver *driver, const struct rk_device_profile *profile);

#endif
