# ATmega with Debian's avr-gcc, for a device.cmake that has set RK_MCU. What each variable means:
# devices/firmware/CMakeLists.txt.
set(RK_DEVICE_FAMILY avr)
set(RK_COMPILER avr-gcc)
set(RK_COMPILER_PACKAGE "gcc-avr avr-libc")
set(RK_DEVICE_FLAGS -Os -mmcu=${RK_MCU})
# Our own functions share the saving and restoring of registers: a tenth less flash, some ten cycles more a call.
set(RK_DEVICE_AGENT_FLAGS -mcall-prologues)
# The mailbox lies at data address 0x8000, where no ATmega has memory.
set(RK_DEVICE_LINK_FLAGS -Wl,--section-start=.mailbox=0x808000)
set(RK_DEVICE_SOURCES ${RK_ROOT}/devices/firmware/avr/port.c)
# gcc 5 has no -ffile-prefix-map: __FILE__ is the only way for a path to get in.
set(RK_DEVICE_PATH_FLAGS -Wno-builtin-macro-redefined -D__FILE__="source")
