# Cortex-A7, all in Thumb, with Debian's arm-none-eabi-gcc and our C library: newlib's small one copies by bytes.
set(RK_DEVICE_FAMILY arm)
set(RK_COMPILER arm-none-eabi-gcc)
set(RK_COMPILER_PACKAGE gcc-arm-none-eabi)
set(RK_DEVICE_FLAGS -Os -mcpu=cortex-a7 -mthumb -mfloat-abi=soft)
set(RK_CORE_START start_thumb.S)
include(${RK_ROOT}/devices/firmware/cortex-a/family.cmake)
