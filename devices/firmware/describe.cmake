# describe.cmake - prints what a device's images are compiled with: cmake -DRK_DEVICE=NAME -P devices/firmware/describe.cmake
# Output: `compiler: ` and the first line of its --version, `flags: ` and the flags that matter, `family: ` avr, arm or host.
get_filename_component(RK_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
include(${RK_ROOT}/devices/${RK_DEVICE}/device.cmake)
find_program(compiler ${RK_COMPILER})
if(NOT compiler)
  message(FATAL_ERROR "${RK_COMPILER} is not installed: apt-get install ${RK_COMPILER_PACKAGE}")
endif()
execute_process(COMMAND ${compiler} --version OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "\n.*" "" line "${text}")
list(JOIN RK_DEVICE_FLAGS " " flags)
execute_process(COMMAND ${CMAKE_COMMAND} -E echo "compiler: ${line}\nflags: ${flags}\nfamily: ${RK_DEVICE_FAMILY}")
