#include "devices/emulators/qemu/qemu_test.h"

static struct rki_child_setup setup;

void rki_qemu_test_modes(bool fine, bool single_step, bool icount)
{
    setup.fine = fine;
    setup.single_step = single_step;
    setup.icount = icount;
}

void rki_qemu_test_budget(uint64_t instructions)
{
    setup.budget_instructions = instructions;
}

struct rki_child_setup rki_qemu_test_setup(void)
{
    return setup;
}
