/* engine/core/profile.h - facts of a device, radio, battery and key server, as plain data
 *
 * Loaded by engine/study from devices/<d>/device.yaml, devices/radios/<r>.yaml and devices/batteries/<b>.yaml; the
 * field tables there document units, ranges and defaults (`rekeylab describe device`). No room below study reads files.
 * Units: in the names. A coefficient carries its relative error, its kind and its source.
 */
#ifndef ENGINE_CORE_PROFILE_H
#define ENGINE_CORE_PROFILE_H

#include "engine/core/coefficient.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rk_device_profile {
    char name[32];          /* "atmega1284p", or a board's: "micaz" */
    char device[32];        /* folder of devices/ whose firmware it runs; the same as name unless it is a board */
    char title[64];         /* "ATmega1284P" */
    char core[32];          /* "avr5", "cortex-m4": chooses the cycle table */
    char class_seed[16];    /* the paper's (ENISA) class: C0..C3 */
    char class_rfc7228[16]; /* C0, C1, C2, or "above" */
    char emulator[16];      /* driver: simavr, qemu, host */
    char machine[32];       /* the emulator's name of the machine or MCU */
    uint64_t ram_bytes, flash_bytes, nvm_bytes;
    char os[32];                           /* "none", "TinyOS", "Contiki-NG", "Linux" */
    uint64_t os_ram_bytes, os_flash_bytes; /* its footprint, taken off the budget */
    uint64_t clock_Hz;
    uint64_t flash_wait_states; /* cycles a fetch from flash takes beyond the first, at clock_Hz */
    uint64_t flash_width_bytes; /* of one fetch: 4, 8, 16 */
    uint64_t flash_prefetch;    /* 0 none, 1 next line is fetched ahead, 2 cache */
    uint64_t flash_data_lines;  /* of flash_width_bytes, that are kept of data read; 0: not known */
    uint64_t multiply_cycles;   /* of a 32-bit product where the core leaves a choice: 1 or 32 */
    uint64_t supply_mV;
    struct rk_coefficient active_nA;    /* CPU running at clock_Hz */
    struct rk_coefficient idle_nA;      /* CPU waiting, clocks on */
    struct rk_coefficient sleep_nA;     /* deepest sleep that keeps RAM and a timer */
    struct rk_coefficient nvm_write_nA; /* additional current while NVM is busy */
    uint64_t nvm_write_ns;              /* per nvm_write_unit_bytes */
    uint64_t nvm_write_unit_bytes;
    uint64_t nvm_erase_block_bytes; /* 0: written in place */
    uint64_t nvm_erase_ns;          /* of one block */
    uint64_t nvm_endurance;         /* writes of a cell, or erasures of a block, that it is specified for */
    uint64_t cycle_error_low_ppm, cycle_error_high_ppm; /* cycle model: real = central * (1 - low .. 1 + high) */
    char radio[32];                                     /* default radio file */
    char battery[32];                                   /* default battery file */
    char path[256];                                     /* file this came from */
};

enum rk_link_kind {
    RK_LINK_IEEE802154,
    RK_LINK_BLE,
    RK_LINK_LORA,
    RK_LINK_WIFI,
    RK_LINK_ETHERNET,
    RK_LINK_SERIAL,
    RK_LINK_KINDS
};

struct rk_ble_profile {
    uint64_t interval_ns;     /* of connection events */
    uint64_t latency;         /* events that the device may leave out */
    uint64_t interframe_ns;   /* T_IFS */
    uint64_t clock_error_ppm; /* of both sleep clocks together */
};

struct rk_lora_profile {
    uint64_t bandwidth_Hz;
    uint64_t spreading, rx2_spreading; /* 7 to 12 */
    uint64_t coding;                   /* 1 to 4: rate 4 / (4 + coding) */
    uint64_t preamble_symbols;         /* programmed; 4.25 more are sent */
    uint64_t duty_ppm;                 /* of the device's own transmissions */
    uint64_t rx1_delay_ns;             /* RX2 opens a second later */
    uint64_t window_symbols;           /* listened to when nothing comes */
    /* Of a shared channel (engine/model/lora.h): */
    struct rk_coefficient channels;         /* of uplinks */
    struct rk_coefficient gateway_duty_ppm; /* in the band of RX2 */
    struct rk_coefficient capture_mdB;      /* 0: no frame survives an overlap */
    struct rk_coefficient tries;            /* frames of a confirmed message */
    struct rk_coefficient ack_timeout_ns;   /* from RX2 to the next of them, +- 1 s */
};

struct rk_wifi_profile {
    uint64_t control_rate_bps; /* of acknowledgements, beacons, PS-Polls */
    uint64_t preamble_ns, symbol_ns;
    uint64_t beacon_interval_ns, beacon_bytes;
    uint64_t dtim; /* beacons from one that the device wakes for to the next */
};

struct rk_radio_profile {
    char name[32];
    char title[64];
    uint8_t kind;             /* enum rk_link_kind */
    uint64_t bits_a_byte;     /* on the line: 8; 10 of a serial line with start and stop bit */
    uint64_t frame_min_bytes; /* shorter frames are padded; 0: none are */
    struct rk_ble_profile ble;
    struct rk_lora_profile lora;
    struct rk_wifi_profile wifi;
    uint64_t bit_rate_bps; /* LoRa: 0, by its spreading factor */
    uint64_t supply_mV;
    struct rk_coefficient tx_nA, rx_nA, idle_nA, sleep_nA;
    uint64_t startup_ns;         /* from sleep to ready */
    uint64_t turnaround_ns;      /* rx/tx */
    uint64_t phy_header_bytes;   /* preamble, SFD, length: 802.15.4 has 6 */
    uint64_t mac_overhead_bytes; /* header and FCS of a data frame, link security excluded */
    uint64_t frame_max_bytes;    /* PSDU: 127 */
    uint64_t ack_bytes;          /* PSDU of an acknowledgement: 5 */
    uint64_t ack_wait_ns;
    uint64_t backoff_unit_ns; /* CSMA/CA: 320 us */
    uint64_t backoff_min_exponent, backoff_max_exponent, frame_retries;
    uint64_t adaptation_header_bytes;                   /* 6LoWPAN + compressed IPv6/UDP of an unfragmented datagram */
    uint64_t fragment_first_bytes, fragment_next_bytes; /* 6LoWPAN fragment headers: 4 and 5 */
    char path[256];
};

/* A hardware engine beside the processor, which takes the place of rows that the library's own code has. */
enum rk_engine_blocks { RK_BLOCKS_NONE, RK_BLOCKS_CCM };

struct rk_engine_operation {
    char op[40];
    uint8_t blocks;                 /* enum rk_engine_blocks: how many an input has */
    struct rk_coefficient time_ns;  /* of the engine, whatever the input */
    struct rk_coefficient block_ns; /* and of each block */
    uint64_t bus_bytes, bus_bytes_a_block;
};

enum { RK_ENGINE_OPERATIONS_max = 16, RK_ENGINE_DEVICES_max = 8 };

struct rk_accelerator_profile {
    char name[32];
    char title[64];
    uint64_t supply_mV;
    struct rk_coefficient active_nA, sleep_nA;
    struct rk_coefficient bus_byte_ns; /* the processor moves a byte there or back */
    struct rk_engine_operation operation[RK_ENGINE_OPERATIONS_max];
    size_t operations;
    char device[RK_ENGINE_DEVICES_max][32]; /* that it is a part of */
    size_t devices;                         /* 0: it stands beside any */
    char path[256];
};

struct rk_battery_profile {
    char name[32];
    char title[64];
    uint64_t voltage_mV;
    struct rk_coefficient capacity_nAh; /* nominal */
    uint64_t usable_ppm;                /* of the nominal capacity, down to the cut-off voltage */
    uint64_t cutoff_mV;
    struct rk_coefficient self_discharge_ppm_per_year; /* of the nominal capacity */
    char path[256];
};

#endif
