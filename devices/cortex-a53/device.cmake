# Cortex-A53 in AArch64 with Debian's aarch64-linux-gnu-gcc and our C library.
set(RK_DEVICE_FAMILY aarch64)
set(RK_COMPILER aarch64-linux-gnu-gcc)
set(RK_COMPILER_PACKAGE gcc-aarch64-linux-gnu)
set(RK_DEVICE_FLAGS -Os -mcpu=cortex-a53 -fno-pic -fno-stack-protector -mno-outline-atomics)
set(RK_CORE_START start_a64.S)
include(${RK_ROOT}/devices/firmware/cortex-a/family.cmake)
# The compiler is Linux's, the program is not: libraries ask these macros what they may call.
list(APPEND RK_DEVICE_PATH_FLAGS -U__linux__ -U__linux -Ulinux -U__gnu_linux__ -U__unix__ -U__unix -Uunix
     -fno-asynchronous-unwind-tables -fno-unwind-tables)
list(APPEND RK_DEVICE_LINK_FLAGS -no-pie)
