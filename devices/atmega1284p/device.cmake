# ATmega1284P: devices/firmware/avr/family.cmake.
set(RK_MCU atmega1284p)
include(${RK_ROOT}/devices/firmware/avr/family.cmake)
