# Programs for the MSP430, as devices/firmware would build them, and what its tests need.

# msp430_image(NAME SOURCES... [DEFINES...]): ${NAME}_image is the program's path, devices_${NAME}_image the target that makes it.
function(msp430_image name)
  cmake_parse_arguments(ARG "" "" "DEFINES" ${ARGN})
  list(TRANSFORM ARG_DEFINES PREPEND -D)
  set(RK_ROOT ${CMAKE_SOURCE_DIR})
  set(RK_DEVICE msp430f1611)
  include(${RK_ROOT}/devices/${RK_DEVICE}/device.cmake)
  set(objects "")
  list(TRANSFORM RK_DEVICE_INCLUDES PREPEND -isystem)
  foreach(source ${ARG_UNPARSED_ARGUMENTS} ${RK_DEVICE_SOURCES})
    get_filename_component(stem ${source} NAME)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.${stem}.o)
    if(stem MATCHES "[.]c$")
      set(standard -std=gnu11)
    else()
      set(standard "")
    endif()
    add_custom_command(OUTPUT ${object} DEPENDS ${source} DEPFILE ${object}.d VERBATIM
                       COMMAND ${RK_COMPILER} ${standard} ${RK_DEVICE_FLAGS} ${RK_DEVICE_INCLUDES} -I${RK_ROOT} -DNDEBUG
                               ${ARG_DEFINES}
                               -ffunction-sections -fdata-sections -MD -MF ${object}.d -MT ${object} -c ${source}
                               -o ${object})
    list(APPEND objects ${object})
  endforeach()
  set(image ${CMAKE_CURRENT_BINARY_DIR}/${name}.elf)
  add_custom_command(OUTPUT ${image} DEPENDS ${objects} VERBATIM
                     COMMAND ${RK_LINKER} ${RK_DEVICE_LINK_FLAGS} --gc-sections ${objects} -o ${image})
  add_custom_target(devices_${name}_image DEPENDS ${image})
  set(${name}_image ${image} PARENT_SCOPE)
endfunction()

function(msp430_tests)
  set(here ${CMAKE_CURRENT_SOURCE_DIR})
  msp430_image(arithmetic ${here}/arithmetic_main.c ${here}/arithmetic.c)
  add_dependencies(devices_msp430_runtime devices_arithmetic_image)
  target_compile_definitions(devices_msp430_runtime PRIVATE RK_ARITHMETIC_IMAGE="${arithmetic_image}")
  target_sources(devices_msp430_runtime PRIVATE ${here}/arithmetic.c)
  # The fixture's probe without the harness, for test_region.c.
  set(RK_ROOT ${CMAKE_SOURCE_DIR})
  include(${here}/fixture/backend.cmake)
  msp430_image(bare_msp430f1611 ${here}/bare.c ${RK_BACKEND_SOURCES} ${RK_LIBRARY_SOURCES}
               DEFINES "RK_PROVIDES=(RK_CAP(RK_ALG_AES_KEY_WRAP))")
  add_dependencies(devices_region devices_bare_msp430f1611_image)
  target_compile_definitions(devices_region PRIVATE RK_BARE_MSP430F1611="${bare_msp430f1611_image}")
  msp430_image(msp430_regions ${here}/msp430_regions.S)
  add_dependencies(devices_msp430_measure devices_arithmetic_image devices_msp430_regions_image)
  target_compile_definitions(devices_msp430_measure PRIVATE RK_ARITHMETIC_IMAGE="${arithmetic_image}"
                             RK_MSP430_REGIONS_IMAGE="${msp430_regions_image}")
endfunction()
