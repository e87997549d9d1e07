# The machine that Rekeylab runs on. What each variable means: devices/firmware/CMakeLists.txt.
set(RK_DEVICE_FAMILY host)
set(RK_COMPILER gcc)
set(RK_COMPILER_PACKAGE gcc)
set(RK_DEVICE_FLAGS -O2)
set(RK_DEVICE_LINK_FLAGS -Wl,--version-script=${RK_ROOT}/devices/${RK_DEVICE}/exports.map
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free)
set(RK_DEVICE_SOURCES ${RK_ROOT}/devices/${RK_DEVICE}/port.c ${RK_ROOT}/devices/${RK_DEVICE}/heap.c)
set(RK_DEVICE_PATH_FLAGS -ffile-prefix-map=${RK_ROOT}=.)
if(RK_LIBRARY_SOURCE)
  list(APPEND RK_DEVICE_PATH_FLAGS -ffile-prefix-map=${RK_LIBRARY_SOURCE}=library)
endif()
