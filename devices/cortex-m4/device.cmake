set(RK_CORTEX_M cortex-m4)
include(${RK_ROOT}/devices/firmware/cortex-m/cortex-m.cmake)
