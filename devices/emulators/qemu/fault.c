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

/* in: exception class of ESR_EL1, and the syndrome's kind of fault for an abort. */
static const char *a64_name(uint32_t class, uint32_t status)
{
    switch (class) {
    case 0x00:
        return "undefined instruction";
    case 0x15:
        return "supervisor call";
    case 0x20:
    case 0x21:
        return "execution of memory that is not code";
    case 0x22:
        return "branch to an address that is no instruction's";
    case 0x24:
    case 0x25:
        return (status & 0x3f) == 0x21 ? "unaligned access" : "access outside memory";
    case 0x26:
        return "stack pointer not aligned";
    case 0x3c:
        return "breakpoint";
    default:
        return "exception";
    }
}

/* in: number of the vector of ARMv7-A. */
static const char *a32_name(uint32_t vector, uint32_t status)
{
    static const char *const names[] = {"exception", "undefined instruction", "supervisor call",
                                        "execution of memory that is not code", "access outside memory"};

    if (vector == 4 && (status & 0x3f) == 0x21) {
        return "unaligned access";
    }
    return names[vector < sizeof names / sizeof *names ? vector : 0];
}

static void explain_exception(const struct rk_guest *guest, char *text, size_t room)
{
    uint32_t number = guest->fault_exception;
    const char *name = fault_name(guest->fault_status);
    const char *status = "CFSR";

    if (number >= RK_GUEST_A64) {
        number -= RK_GUEST_A64;
        name = a64_name(number, guest->fault_status);
        status = "ESR";
    } else if (number >= RK_GUEST_A32) {
        number -= RK_GUEST_A32;
        name = a32_name(number, guest->fault_status);
        status = "FSR";
    }
    snprintf(text, room,
             "%s at pc 0x%08" PRIx32 " (exception %" PRIu32 ", %s 0x%08" PRIx32 ", address 0x%08" PRIx32 ")", name,
             guest->fault_pc, number, status, guest->fault_status, guest->fault_address);
}

void rki_fault_explain(const struct rk_guest *guest, char *text, size_t room)
{
    if (guest == NULL) {
        snprintf(text, room, "fault marker reached");
    } else if (guest->fault_kind == RK_GUEST_FAULT_EXIT) {
        snprintf(text, room, "the program ended with exit code %" PRIu32, guest->fault_status);
    } else {
        explain_exception(guest, text, room);
    }
}
