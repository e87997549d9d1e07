/* devices/emulators/simavr_eeprom.c - registers and timing of the EEPROM */
#include "devices/emulators/simavr_eeprom.h"

#include <string.h>

enum { EERE = 1 << 0, EEPE = 1 << 1, EEMPE = 1 << 2, KEPT_BITS = 0x38, MODE_SHIFT = 4 };
enum { MODE_ERASE_AND_WRITE = 0, MODE_ERASE = 1, MODE_WRITE = 2 };
enum { WINDOW_cycles = 4, SBI_cycles = 2, WRITE_HALT_cycles = 2, READ_HALT_cycles = 4 };

static bool busy(const struct rki_eeprom *eeprom)
{
    return eeprom->avr->cycle < eeprom->busy_until;
}

static void start_write(struct rki_eeprom *eeprom, uint8_t mode)
{
    avr_t *avr = eeprom->avr;
    uint16_t address = (uint16_t)(avr->data[eeprom->address] | avr->data[eeprom->address + 1] << 8);
    uint64_t cycles = mode == MODE_ERASE_AND_WRITE ? eeprom->write_cycles : eeprom->write_cycles * 9 / 17;
    eeprom->cell = (uint16_t)(address % eeprom->bytes);
    eeprom->kind = mode == MODE_ERASE ? RK_NVM_ERASE : mode == MODE_WRITE ? RK_NVM_PROGRAM : RK_NVM_REWRITE;
    eeprom->old_value = eeprom->cells[eeprom->cell];
    eeprom->new_value = avr->data[eeprom->data];
    if (mode == MODE_ERASE) {
        eeprom->new_value = 0xff;
    } else if (mode == MODE_WRITE) {
        eeprom->new_value &= eeprom->old_value;
    }
    eeprom->cells[eeprom->cell] = eeprom->new_value;
    eeprom->wear[eeprom->cell]++;
    eeprom->writes++;
    eeprom->busy_cycles += cycles;
    eeprom->busy_until = avr->cycle + cycles;
    avr->cycle += WRITE_HALT_cycles;
}

static void control_written(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context)
{
    struct rki_eeprom *eeprom = context;
    uint8_t mode = (uint8_t)(value >> MODE_SHIFT & 3);
    (void)address;
    if ((value & EEPE) != 0) {
        if (avr->cycle < eeprom->window_until && !busy(eeprom) && mode != 3) {
            start_write(eeprom, mode);
        }
    } else if ((value & EEMPE) != 0) {
        eeprom->window_until = avr->cycle + SBI_cycles + WINDOW_cycles;
    }
    if ((value & EERE) != 0 && !busy(eeprom)) {
        uint16_t from = (uint16_t)(avr->data[eeprom->address] | avr->data[eeprom->address + 1] << 8);
        avr->data[eeprom->data] = eeprom->cells[from % eeprom->bytes];
        avr->cycle += READ_HALT_cycles;
    }
    avr->data[eeprom->control] = value & KEPT_BITS;
}

/* `sbic EECR, EEPE` and `rjmp` back to it, 3 cycles and 2 instructions a turn: skips the turns
 * that would see EEPE set. */
static void skip_polling(struct rki_eeprom *eeprom)
{
    enum { LOOP_cycles = 3, LOOP_instructions = 2, RJMP_BACK = 0xcffe };
    avr_t *avr = eeprom->avr;
    uint16_t sbic = (uint16_t)(0x9900 | (eeprom->control - 32) << 3 | 1);
    const uint8_t *at = avr->flash + avr->pc;
    uint64_t until = eeprom->busy_until < eeprom->limit_cycles ? eeprom->busy_until : eeprom->limit_cycles;
    if ((at[0] | at[1] << 8) != sbic || (at[2] | at[3] << 8) != RJMP_BACK || avr->cycle + 1 >= until) {
        return;
    }
    uint64_t turns = (until - 1 - avr->cycle) / LOOP_cycles;
    avr->cycle += turns * LOOP_cycles;
    *eeprom->instructions += turns * LOOP_instructions;
}

static uint8_t control_read(avr_t *avr, avr_io_addr_t address, void *context)
{
    struct rki_eeprom *eeprom = context;
    (void)address;
    if (busy(eeprom)) {
        skip_polling(eeprom);
    }
    return (uint8_t)((avr->data[eeprom->control] & KEPT_BITS) | (busy(eeprom) ? EEPE : 0) |
                     (avr->cycle < eeprom->window_until ? EEMPE : 0));
}

void rki_eeprom_attach(struct rki_eeprom *eeprom, avr_t *avr)
{
    bool first_generation = strcmp(avr->mmcu, "atmega128") == 0;
    eeprom->avr = avr;
    eeprom->bytes = avr->e2end + 1;
    eeprom->control = first_generation ? 0x3c : 0x3f;
    eeprom->data = (uint16_t)(eeprom->control + 1);
    eeprom->address = (uint16_t)(eeprom->control + 2);
    unsigned io = AVR_DATA_TO_IO(eeprom->control);
    avr->io[io].w.c = control_written;
    avr->io[io].w.param = eeprom;
    avr->io[io].r.c = control_read;
    avr->io[io].r.param = eeprom;
}

void rki_eeprom_begin(struct rki_eeprom *eeprom, struct rki_nvm_list *list, uint64_t call_at)
{
    eeprom->begun_at = eeprom->avr->cycle;
    eeprom->number++;
    const struct rk_nvm_event event = {
        .begin = eeprom->begun_at - call_at,
        .end = eeprom->busy_until - call_at,
        .address = eeprom->cell,
        .bytes = 1,
        .kind = eeprom->kind,
        .value = {eeprom->new_value},
    };
    rki_nvm_list_add(list, &event);
}

void rki_eeprom_cut(struct rki_eeprom *eeprom)
{
    if (busy(eeprom)) {
        unsigned phase = rki_nvm_phase(eeprom->begun_at, eeprom->busy_until, eeprom->avr->cycle);
        eeprom->cells[eeprom->cell] = rki_nvm_torn((enum rk_nvm_kind)eeprom->kind, phase, eeprom->old_value,
                                                   eeprom->new_value, eeprom->cell, eeprom->number - 1);
    }
    eeprom->busy_until = 0;
    eeprom->window_until = 0;
}
