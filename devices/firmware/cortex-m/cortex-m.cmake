# What all Cortex-M devices have in common, with Debian's arm-none-eabi-gcc and newlib-nano.
# in: RK_CORTEX_M, the core for -mcpu. Where machine and part differ: RK_CODE_BASE and RK_RAM_BASE; absent: the MPS2
# board's. Memory sizes are read from device.yaml, which alone states them. What each variable means:
# devices/firmware/CMakeLists.txt.
set(RK_DEVICE_FAMILY arm)
set(RK_COMPILER arm-none-eabi-gcc)
set(RK_COMPILER_PACKAGE "gcc-arm-none-eabi libnewlib-arm-none-eabi")
set(RK_DEVICE_FLAGS -Os -mcpu=${RK_CORTEX_M} -mthumb -mfloat-abi=soft)
set(RK_DEVICE_SOURCES ${RK_ROOT}/devices/firmware/cortex-m/start.c ${RK_ROOT}/devices/firmware/cortex-m/port.c)
set(RK_DEVICE_PATH_FLAGS -ffile-prefix-map=${RK_ROOT}=.)
if(RK_LIBRARY_SOURCE)
  list(APPEND RK_DEVICE_PATH_FLAGS -ffile-prefix-map=${RK_LIBRARY_SOURCE}=library)
endif()

if(NOT RK_CODE_BASE)
  set(RK_CODE_BASE 0x00000000)
endif()
if(NOT RK_RAM_BASE)
  set(RK_RAM_BASE 0x21000000)
endif()
set(RK_DEVICE_LINK_FLAGS --specs=nano.specs -nostartfiles -Wl,--build-id=none,--no-warn-rwx-segments
    -T ${RK_ROOT}/devices/firmware/cortex-m/cortex-m.ld
    -Wl,--defsym=rk_code_base=${RK_CODE_BASE} -Wl,--defsym=rk_ram_base=${RK_RAM_BASE})
set(RK_DEVICE_FACTS ${RK_ROOT}/devices/${RK_DEVICE}/device.yaml)
file(READ ${RK_DEVICE_FACTS} facts)
foreach(memory ram flash nvm nvm_erase_block)
  if(NOT facts MATCHES "(^|\n)${memory}: ([0-9]+) (MiB|KiB|B)")
    if(memory STREQUAL nvm_erase_block)
      break() # written in place
    endif()
    message(FATAL_ERROR "${RK_DEVICE_FACTS}: no '${memory}: N KiB'")
  endif()
  set(bytes ${CMAKE_MATCH_2})
  if(CMAKE_MATCH_3 STREQUAL KiB)
    math(EXPR bytes "${bytes} * 1024")
  elseif(CMAKE_MATCH_3 STREQUAL MiB)
    math(EXPR bytes "${bytes} * 1024 * 1024")
  endif()
  string(REPLACE _block "" name ${memory})
  list(APPEND RK_DEVICE_LINK_FLAGS -Wl,--defsym=rk_${name}_bytes=${bytes})
endforeach()
