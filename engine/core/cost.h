/* engine/core/cost.h - a cost row: what one operation costs on one device with one backend
 *
 * Written by bench, read by the engine and by reports. A figure that does not exist is RK_NONE, never zero.
 * Units: in the names. cycles_low..cycles_high bound the model's error around the median.
 */
#ifndef ENGINE_CORE_COST_H
#define ENGINE_CORE_COST_H

#include <stdbool.h>
#include <stdint.h>

#define RK_NONE UINT64_MAX /* "no such figure": null in JSON and in SQL */

struct rk_cost_row {
    char device[32];
    char backend[32]; /* "mbedtls" */
    char version[16]; /* "3.6.6" */
    char compiler[64];
    char flags[192];
    char op[40];
    uint32_t size_bytes; /* of the variable input; 0 when there is none */
    char status[96];     /* "ok" or the reason */
    uint64_t cycles_min, cycles_median, cycles_max;
    uint64_t cycles_low, cycles_high;
    uint64_t instructions;
    uint64_t stack_bytes, heap_bytes;
    uint64_t ram_static_bytes; /* .data and .bss of the image above the empty image */
    uint64_t flash_bytes;      /* of the image above the empty image */
    uint64_t nvm_write_bytes;
    uint64_t nvm_time_ns;
    uint64_t time_ns; /* cycles_median at the device's clock, plus nothing: NVM time is beside it */
    uint64_t energy_pJ, energy_low_pJ, energy_high_pJ;
    uint64_t engine_ns;   /* a hardware engine works beside the processor; 0 but in rows from data sheets */
    int secret_dependent; /* -1 unknown, 0 no, 1 yes: cycles differed over secrets of one length */
    bool known_answer;    /* passed its known answers on the device */
    char firmware_sha256[65];
};

#endif
