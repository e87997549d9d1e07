/* tests/lifecycle/nvm.h - NVM of a device that loses its power, in three geometries
 *
 * Model:  EEPROM: bytes are replaced. Flash: units are programmed, which only clears bits; a unit is programmed once
 *         between erasures, and once more with zeros, writes cut off by power not counted; blocks are erased. Whoever
 *         breaks that fails the test.
 *         Each byte or unit written and each erasure is one event. Power goes at event `cut_at`, which it leaves as `torn` says.
 */
#ifndef TESTS_LIFECYCLE_NVM_H
#define TESTS_LIFECYCLE_NVM_H

#include "engine/lifecycle/agent.h"

enum nvm_geometry { NVM_EEPROM, NVM_SEGMENTS, NVM_PAGES, NVM_GEOMETRIES }; /* AVR; MSP430; Cortex-M */

/* What is in the cells that were being changed: the old value, each other bit of the change, the new value. */
enum nvm_torn { NVM_TORN_BEFORE, NVM_TORN_HALF, NVM_TORN_AFTER, NVM_TORN_COUNT };

enum { NVM_MAX_bytes = 8192, NVM_UNIT_MIN_bytes = 1 };

struct nvm {
    struct rk_nvm port; /* for rk_agent_init */
    uint8_t cells[NVM_MAX_bytes];
    uint8_t programmed[NVM_MAX_bytes]; /* times, since the unit at this address was erased */
    uint16_t bytes;
    uint16_t unit_bytes;
    uint8_t torn; /* enum nvm_torn */
    bool *powered;
    long events; /* so far */
    long cut_at; /* -1: never */
    long erasures[2];
    const char *broken; /* rule of the memory that was broken */
};

/* Blank memory. powered is cleared when the power goes, and no access works while it is false. */
void nvm_init(struct nvm *nvm, enum nvm_geometry geometry, bool *powered);

/* out: address of place `index` of the store; places: of both blocks. */
uint16_t nvm_places(const struct nvm *nvm);
uint16_t nvm_place_at(const struct nvm *nvm, uint16_t index);

/* What lies at a place: all 0xFF, all zero, or neither. */
bool nvm_blank(const struct nvm *nvm, uint16_t index);
bool nvm_zero(const struct nvm *nvm, uint16_t index);

#endif
