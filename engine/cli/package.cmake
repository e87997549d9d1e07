# What the packages depend on: dpkg-shlibdeps asked about the programs and libraries alone. cpack reads this before it packs.
# (CPACK_DEBIAN_PACKAGE_SHLIBDEPS would start `file` for each of the hundreds of files of the tree: 25 s instead of 1.)
find_program(shlibdeps dpkg-shlibdeps)
if(NOT shlibdeps)
  message(FATAL_ERROR "dpkg-shlibdeps is missing, expected it on the path: apt-get install dpkg-dev")
endif()

# Adds what `binaries` load to the list of packages in `variable`.
function(add_depends variable)
  set(folder ${CPACK_REKEYLAB_BUILD}/shlibdeps)
  file(WRITE ${folder}/debian/control "") # it wants one
  execute_process(COMMAND ${shlibdeps} -O --ignore-missing-info ${ARGN} WORKING_DIRECTORY ${folder} OUTPUT_VARIABLE said
                  ERROR_VARIABLE complaint RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "dpkg-shlibdeps: ${complaint}")
  endif()
  string(REGEX REPLACE "^shlibs:Depends=" "" depends "${said}")
  list(APPEND ${variable} ${depends})
  list(JOIN ${variable} ", " joined)
  set(${variable} "${joined}" PARENT_SCOPE)
endfunction()

set(libraries ${CPACK_REKEYLAB_BUILD}/lib)
add_depends(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS ${CPACK_REKEYLAB_BUILD}/bin/rekeylab ${libraries}/rekeylab-cycles.so
            ${libraries}/rekeylab-cycles-3.so)
if(CPACK_COMPONENTS_ALL MATCHES mpi)
  add_depends(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS ${libraries}/librekeylab_mpi.so)
endif()
