set(RK_CORTEX_M cortex-m0plus)
include(${RK_ROOT}/devices/firmware/cortex-m/cortex-m.cmake)
