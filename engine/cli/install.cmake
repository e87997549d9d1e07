# What is installed, and the packages that cpack makes of it: the program with its parts in PREFIX/lib/rekeylab, a link in
# PREFIX/bin, and in PREFIX/share/rekeylab what it reads: devices, backends and firmware sources to measure anew,
# scenarios, recorded rows, figures. engine/cli/root.c finds the one from the other.
include(GNUInstallDirs)
set(data share/rekeylab)

install(TARGETS rekeylab RUNTIME DESTINATION lib/rekeylab/bin COMPONENT program)
install(TARGETS rekeylab-cycles rekeylab-cycles-3 LIBRARY DESTINATION lib/rekeylab/lib COMPONENT program)
install(CODE "
  file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/bin\")
  file(CREATE_LINK ../lib/rekeylab/bin/rekeylab \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/bin/rekeylab\" SYMBOLIC)"
        COMPONENT program)
if(TARGET rekeylab_mpi)
  install(TARGETS rekeylab_mpi LIBRARY DESTINATION lib/rekeylab/lib COMPONENT mpi)
endif()

install(DIRECTORY backends devices scenarios DESTINATION ${data} USE_SOURCE_PERMISSIONS COMPONENT program
        PATTERN "emulators" EXCLUDE)
install(DIRECTORY engine/lifecycle engine/protocol DESTINATION ${data}/engine COMPONENT program)
install(DIRECTORY reports DESTINATION ${data} COMPONENT program PATTERN "*.[ch]" EXCLUDE PATTERN "CMakeLists.txt" EXCLUDE)
install(DIRECTORY bench/measured bench/validation bench/protocol bench/datasheet bench/ci DESTINATION ${data}/bench
        USE_SOURCE_PERMISSIONS COMPONENT program)
install(FILES bench/rsa_keys.h DESTINATION ${data}/bench COMPONENT program)
install(FILES bench/engine/fleet.yaml DESTINATION ${data}/bench/engine COMPONENT program)
install(FILES LICENSE DESTINATION share/doc/rekeylab COMPONENT program RENAME copyright)
install(FILES README.md CITATION.cff DESTINATION share/doc/rekeylab COMPONENT program)
# For the shells that complete command lines; asked of the program that was built.
install(CODE [[
  foreach(shell bash zsh fish)
    set(file_bash bash-completion/completions/rekeylab)
    set(file_zsh zsh/vendor-completions/_rekeylab)
    set(file_fish fish/vendor_completions.d/rekeylab.fish)
    set(file "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/${file_${shell}}")
    get_filename_component(folder ${file} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    execute_process(COMMAND $<TARGET_FILE:rekeylab> completion ${shell} OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()]] COMPONENT program)
install(FILES engine/cli/rekeylab.1 DESTINATION share/man/man1 COMPONENT program)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rekeylab)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR rekeylab)
set(CPACK_PACKAGE_CONTACT "maintainers of Rekeylab <maintainers@users.noreply.rekeylab.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "key-management policies of IoT devices, measured and simulated")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program)
if(TARGET rekeylab_mpi)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/engine/cli/package.cmake)
set(CPACK_REKEYLAB_BUILD ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME rekeylab)
set(CPACK_DEBIAN_MPI_PACKAGE_NAME rekeylab-mpi)
set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "rekeylab (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "Simulates fleets under a key-management policy by what the operations cost on
 emulated devices. Recorded costs are part of the package; what it recommends measures anew.")
set(CPACK_COMPONENT_MPI_DESCRIPTION "Runs of Rekeylab over several machines.")
# As in the launcher, which installs them when a command needs them.
file(STRINGS ${CMAKE_SOURCE_DIR}/rekeylab launcher REGEX "^run_packages=|^    clang ")
string(REGEX REPLACE "run_packages=|[\";]" " " launcher "${launcher}")
string(REGEX MATCHALL "[^ ]+" recommended "gcc libc6-dev cmake ninja-build ${launcher}")
list(TRANSFORM recommended REPLACE "^gnuplot-nox$" "gnuplot-nox | gnuplot")
list(JOIN recommended ", " CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS)
include(CPack)
