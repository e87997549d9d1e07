# ATmega128: devices/firmware/avr/family.cmake.
set(RK_MCU atmega128)
include(${RK_ROOT}/devices/firmware/avr/family.cmake)
