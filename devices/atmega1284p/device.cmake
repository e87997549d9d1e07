# ATmega1284P with Debian's avr-gcc. What each variable means: devices/firmware/CMakeLists.txt.
set(RK_DEVICE_FAMILY avr)
set(RK_COMPILER avr-gcc)
set(RK_COMPILER_PACKAGE "gcc-avr avr-libc")
set(RK_DEVICE_FLAGS -Os -mmcu=atmega1284p)
set(RK_DEVICE_LINK_FLAGS "")
set(RK_DEVICE_SOURCES ${RK_ROOT}/devices/${RK_DEVICE}/port.c)
# gcc 5 has no -ffile-prefix-map: __FILE__ is the only way for a path to get in.
set(RK_DEVICE_PATH_FLAGS -Wno-builtin-macro-redefined -D__FILE__="source")
