#include "devices/emulators/qemu/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/* "...taking pending nonsecure exception 3": the line of a fault. out: its exception; 0 when it is of another. */
static unsigned fault_taken(const char *line)
{
    unsigned exception;

    if (sscanf(line, "...taking pending secure exception %u", &exception) != 1 &&
        sscanf(line, "...taking pending nonsecure exception %u", &exception) != 1) {
        return 0;
    }
    return exception >= 3 && exception <= 7 ? exception : 0;
}

/* "Taking exception 4 [Data Abort] on CPU 0" and the lines between it and `end`: "Data Abort, at fault address ...". */
static void describe(const char *line, const char *end, char *text, size_t room)
{
    const char *name = strchr(line, '[');
    size_t used = (size_t)snprintf(text, room, "%.*s", name != NULL ? (int)strcspn(name + 1, "]") : 0,
                                   name != NULL ? name + 1 : "");

    for (line = strchr(line, '\n') + 1; line < end && used < room; line = strchr(line, '\n') + 1) {
        line += strspn(line, ".");
        used += (size_t)snprintf(text + used, room - used, ", %.*s", (int)strcspn(line, "\r\n"), line);
    }
}

bool rki_fault_in_log(const char *log, char *text, size_t room)
{
    static const char *const names[] = {"HardFault", "MemManage fault", "BusFault", "UsageFault", "SecureFault"};
    static const char taking[] = "Taking exception";
    const char *cause = NULL;

    for (const char *line = log; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        if (strncmp(line, taking, sizeof taking - 1) == 0) {
            cause = line;
        }
        unsigned exception = fault_taken(line);
        if (exception != 0) {
            size_t used = (size_t)snprintf(text, room, "%s: ", names[exception - 3]);
            if (cause != NULL && used < room) {
                describe(cause, line, text + used, room - used);
            }
            return true;
        }
    }
    return false;
}
