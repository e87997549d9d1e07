set(RK_CORTEX_M cortex-m3)
include(${RK_ROOT}/devices/firmware/cortex-m/cortex-m.cmake)
