#include "devices/emulators/qemu/fault.h"

#include <inttypes.h>
#include <stdio.h>

static const char *fault_name(uint32_t status)
{
    static const struct {
        uint32_t bits;
        const char *name;
    } names[] = {
        {0x00000001, "execution of memory that is not code"},
        {0x00000082, "access outside memory"},
        {0x00001900, "stacking outside memory"},
        {0x00000018, "stacking outside memory"},
        {0x00000100, "execution of memory that is not code"},
        {0x00008600, "access outside memory"},
        {0x00010000, "undefined instruction"},
        {0x00020000, "branch to ARM state"},
        {0x00080000, "FPU used while off"},
        {0x01000000, "unaligned access"},
        {0x02000000, "division by zero"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((status & names[i].bits) != 0) {
            return names[i].name;
        }
    }
    return "exception";
}

void rki_fault_explain(const struct rk_guest *guest, char *text, size_t room)
{
    if (guest == NULL) {
        snprintf(text, room, "fault marker reached");
    } else if (guest->fault_kind == RK_GUEST_FAULT_EXIT) {
        snprintf(text, room, "the program ended with exit code %" PRIu32, guest->fault_status);
    } else {
        snprintf(text, room,
                 "%s at pc 0x%08" PRIx32 " (exception %" PRIu32 ", CFSR 0x%08" PRIx32 ", address 0x%08" PRIx32 ")",
                 fault_name(guest->fault_status), guest->fault_pc, guest->fault_exception, guest->fault_status,
                 guest->fault_address);
    }
}
