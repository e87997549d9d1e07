# PART: keep the lines of its family. What each variable means: devices/firmware/CMakeLists.txt.
# This file is also read as a script: only set(), list(), include() and file(READ).

# ATmega: the part's name for avr-gcc.
# set(RK_MCU <N>)
# include(${RK_ROOT}/devices/firmware/avr/family.cmake)

# MSP430F1xx: the part's name for clang; devices/firmware/msp430/<N>.ld is its memory map.
# set(RK_MCU <N>)
# include(${RK_ROOT}/devices/firmware/msp430/family.cmake)

# Cortex-M: the core, for -mcpu. Where the machine's memory is not the MPS2 board's: devices/cortex-m33/device.cmake.
# set(RK_CORTEX_M <N>)
# include(${RK_ROOT}/devices/firmware/cortex-m/cortex-m.cmake)

# Cortex-A: copy devices/cortex-a7/device.cmake (Thumb) or devices/cortex-a53/device.cmake (AArch64), and change -mcpu.
