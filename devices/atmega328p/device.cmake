# ATmega328P: devices/firmware/avr/family.cmake.
set(RK_MCU atmega328p)
include(${RK_ROOT}/devices/firmware/avr/family.cmake)
