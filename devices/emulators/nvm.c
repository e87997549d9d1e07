/* devices/emulators/nvm.c - what operations on NVM leave when the power fails */
#include "devices/emulators/nvm.h"

#include <stdlib.h>
#include <string.h>

enum { ERASED = 0xff };

void rki_nvm_list_add(struct rki_nvm_list *list, const struct rk_nvm_event *event)
{
    if (!list->on) {
        return;
    }
    if (list->count == list->room) {
        size_t room = list->room != 0 ? 2 * list->room : 256;
        struct rk_nvm_event *grown = realloc(list->event, room * sizeof *grown);
        if (grown == NULL) {
            list->full = true;
            return;
        }
        list->event = grown;
        list->room = room;
    }
    list->event[list->count++] = *event;
}

struct rk_nvm_log rki_nvm_list_log(const struct rki_nvm_list *list)
{
    return (struct rk_nvm_log){.event = list->event, .count = list->count, .steps = list->steps};
}

void rki_nvm_list_free(struct rki_nvm_list *list)
{
    free(list->event);
    *list = (struct rki_nvm_list){.on = list->on};
}

unsigned rki_nvm_phase(uint64_t begin, uint64_t end, uint64_t step)
{
    if (step >= end) {
        return RK_NVM_PHASES;
    }
    return step > begin ? (unsigned)((step - begin) * RK_NVM_PHASES / (end - begin)) : 0;
}

/* Evenly spread bits: the finaliser of MurmurHash3. */
static uint32_t bits(uint32_t address, uint32_t number, uint32_t phase)
{
    uint32_t hash = address * 0x9E3779B1u ^ number * 0x85EBCA6Bu ^ phase;
    hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
    return hash ^ hash >> 16;
}

static uint8_t half_erased(unsigned phase, uint8_t old_value, uint32_t address, uint32_t number)
{
    enum { WORD_bytes = 4 };
    uint32_t random = bits(address, number, phase);
    switch (phase) {
    case 0:
        return old_value | (uint8_t)random;
    case 1: /* by words: a page's rows do not erase alike */
        return (bits(address / WORD_bytes, number, phase) & 1) != 0 ? ERASED : old_value;
    default:
        return old_value | (uint8_t)(random | random >> 8 | random >> 16);
    }
}

uint8_t rki_nvm_torn(enum rk_nvm_kind kind, unsigned phase, uint8_t old_value, uint8_t new_value, uint32_t address,
                     uint32_t number)
{
    uint8_t random = (uint8_t)bits(address, number, phase);
    if (phase >= RK_NVM_PHASES) {
        return kind == RK_NVM_ERASE ? ERASED : new_value;
    }
    switch (kind) {
    case RK_NVM_REWRITE:
        return phase == 0 ? old_value | random : phase == 1 ? ERASED : new_value | random;
    case RK_NVM_ERASE:
        return half_erased(phase, old_value, address, number);
    case RK_NVM_PROGRAM:
        return phase == 0 ? old_value : old_value & (new_value | random);
    default:
        return old_value;
    }
}

void rk_nvm_cut(const struct rk_nvm_log *log, uint64_t step, unsigned phase, uint8_t *image)
{
    for (size_t i = 0; i < log->count && log->event[i].begin <= step; i++) {
        const struct rk_nvm_event *event = &log->event[i];
        bool last = i + 1 == log->count || log->event[i + 1].begin > step;
        bool stalls = event->begin == event->end && event->end == step && last;
        unsigned found = stalls ? phase : rki_nvm_phase(event->begin, event->end, step);
        for (uint32_t k = 0; k < event->bytes; k++) {
            uint8_t value = event->kind == RK_NVM_ERASE ? ERASED : event->value[k];
            uint8_t *cell = image + event->address + k;
            *cell = rki_nvm_torn(event->kind, found, *cell, value, event->address + k, (uint32_t)i);
        }
    }
}
