# ATmega2560: devices/firmware/avr/family.cmake.
set(RK_MCU atmega2560)
include(${RK_ROOT}/devices/firmware/avr/family.cmake)
