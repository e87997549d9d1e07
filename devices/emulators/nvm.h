/* devices/emulators/nvm.h - between the drivers: the list of operations on NVM, and what a cut leaves of one
 *
 * Units: steps of power_cut_at() since the call's start; bytes.
 */
#ifndef DEVICES_EMULATORS_NVM_H
#define DEVICES_EMULATORS_NVM_H

#include "devices/emulators/emulator.h"

struct rki_nvm_list {
    bool on;
    bool full; /* no memory for more: the list says less than happened */
    struct rk_nvm_event *event;
    size_t count, room;
    uint64_t steps;
};

/* Appends one while the list is on. */
void rki_nvm_list_add(struct rki_nvm_list *list, const struct rk_nvm_event *event);
struct rk_nvm_log rki_nvm_list_log(const struct rki_nvm_list *list);
void rki_nvm_list_free(struct rki_nvm_list *list);

/* out: the phase of an operation of begin..end that a cut at `step` finds; RK_NVM_PHASES: it is done. */
unsigned rki_nvm_phase(uint64_t begin, uint64_t end, uint64_t step);

/* out: what a cell holds when the power fails in this phase of operation `number` of its call. */
uint8_t rki_nvm_torn(enum rk_nvm_kind kind, unsigned phase, uint8_t old_value, uint8_t new_value, uint32_t address,
                     uint32_t number);

#endif
