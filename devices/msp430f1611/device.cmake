# MSP430F1611: devices/firmware/msp430/family.cmake.
set(RK_MCU msp430f1611)
include(${RK_ROOT}/devices/firmware/msp430/family.cmake)
