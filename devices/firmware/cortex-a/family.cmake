# Cortex-A without an operating system, for a device.cmake that has set RK_CORE_START, its assembly. What each variable
# means: devices/firmware/CMakeLists.txt. Only the size of NVM is device.yaml's: a program's window of RAM is the linker
# script's.
set(rk_room ${RK_ROOT}/devices/firmware/cortex-a)
include(${RK_ROOT}/devices/firmware/libc/libc.cmake)
set(RK_DEVICE_SOURCES ${rk_room}/${RK_CORE_START} ${rk_room}/start.c ${rk_room}/port.c ${RK_LIBC_SOURCES})
set(RK_DEVICE_INCLUDES ${RK_LIBC_INCLUDES})
set(RK_DEVICE_PATH_FLAGS -ffile-prefix-map=${RK_ROOT}=.)
if(RK_LIBRARY_SOURCE)
  list(APPEND RK_DEVICE_PATH_FLAGS -ffile-prefix-map=${RK_LIBRARY_SOURCE}=library)
endif()
set(RK_DEVICE_LINK_FLAGS -nostartfiles -nolibc -static -Wl,--build-id=none,--no-warn-rwx-segments
    -T ${rk_room}/cortex-a.ld)
set(RK_DEVICE_LIBRARIES -lgcc)
file(READ ${RK_ROOT}/devices/${RK_DEVICE}/device.yaml facts)
if(NOT facts MATCHES "(^|\n)nvm: ([0-9]+) KiB")
  message(FATAL_ERROR "devices/${RK_DEVICE}/device.yaml: no 'nvm: N KiB'")
endif()
math(EXPR bytes "${CMAKE_MATCH_2} * 1024")
list(APPEND RK_DEVICE_LINK_FLAGS -Wl,--defsym=rk_nvm_bytes=${bytes})
