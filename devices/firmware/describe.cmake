# describe.cmake - prints what a device's images are made with: cmake -DRK_DEVICE=NAME -P devices/firmware/describe.cmake
# Output, a line each: `compiler: ` and the first line of its --version; `flags: ` those that matter; `family: `; `link: ` the
# linker's flags; `folders: ` of the tree, whose sources are in each image, between spaces.
get_filename_component(RK_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
include(${RK_ROOT}/devices/${RK_DEVICE}/device.cmake)
foreach(needed RK_DEVICE_FAMILY RK_COMPILER)
  if(NOT ${needed})
    message(FATAL_ERROR "devices/${RK_DEVICE}/device.cmake does not set ${needed}")
  endif()
endforeach()

# first_line(OUT COMMAND PACKAGE): of what the tool says of its version.
function(first_line out command package)
  find_program(tool_${command} ${command})
  if(NOT tool_${command})
    message(FATAL_ERROR "${command} is not installed: apt-get install ${package}")
  endif()
  execute_process(COMMAND ${tool_${command}} --version OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "\n.*" "" line "${text}")
  set(${out} "${line}" PARENT_SCOPE)
endfunction()

first_line(compiler ${RK_COMPILER} "${RK_COMPILER_PACKAGE}")
if(RK_DEVICE_RUNTIME)
  string(APPEND compiler ", ${RK_DEVICE_RUNTIME}")
endif()
if(RK_LINKER)
  first_line(linker ${RK_LINKER} "${RK_LINKER_PACKAGE}")
endif()

set(folders devices/${RK_DEVICE})
foreach(path ${RK_DEVICE_SOURCES} ${RK_DEVICE_LINK_FLAGS} ${RK_DEVICE_INCLUDES})
  string(FIND "${path}" "${RK_ROOT}/" at)
  if(at EQUAL 0 AND EXISTS ${path})
    file(RELATIVE_PATH path ${RK_ROOT} ${path})
    if(NOT IS_DIRECTORY ${RK_ROOT}/${path})
      get_filename_component(path ${path} DIRECTORY)
    endif()
    list(APPEND folders ${path})
  endif()
endforeach()
list(REMOVE_DUPLICATES folders)
list(SORT folders)

list(JOIN RK_DEVICE_FLAGS " " flags)
list(JOIN RK_DEVICE_LINK_FLAGS " " link)
string(REPLACE ${RK_ROOT}/ "" link "${link}")
list(JOIN folders " " folders)
execute_process(
  COMMAND ${CMAKE_COMMAND} -E echo
          "compiler: ${compiler}\nflags: ${flags}\nfamily: ${RK_DEVICE_FAMILY}\nlink: ${linker} ${link}\nfolders: ${folders}")
