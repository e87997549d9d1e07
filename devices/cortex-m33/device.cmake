# The machine's secure state sees its code memory here, and 16 MiB of RAM where they can be a file.
set(RK_CODE_BASE 0x10000000)
set(RK_RAM_BASE 0x80000000)
set(RK_CORTEX_M cortex-m33)
include(${RK_ROOT}/devices/firmware/cortex-m/cortex-m.cmake)
