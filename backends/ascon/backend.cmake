# Ascon of NIST SP 800-232 behind backends/backend.h: our own code, so there is nothing to fetch and no library to
# compile. Read by devices/firmware/CMakeLists.txt; variables: backends/README.md.
set(RK_BACKEND_SOURCES ${CMAKE_CURRENT_LIST_DIR}/backend.c)
set(RK_ADAPTER_SOURCES "")
foreach(file permutation aead hash)
  list(APPEND RK_ADAPTER_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${file}.c)
endforeach()
set(RK_BACKEND_PROVIDES RK_ALG_ASCON_AEAD128 RK_ALG_ASCON_HASH256)
set(RK_LIBRARY_DEFINES RK_LIBRARY_VERSION="${RK_LIBRARY_VERSION}")
set(RK_BACKEND_UPSTREAM_UNSUPPORTED OFF)
set(RK_BACKEND_UPSTREAM_REASON "")
set(RK_BACKEND_CHANGED_LINES "")
