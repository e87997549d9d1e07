# For a device without a C library: include() from its device.cmake, then add RK_LIBC_SOURCES to RK_DEVICE_SOURCES and
# RK_LIBC_INCLUDES to RK_DEVICE_INCLUDES. sbrk.c is not among the sources: a device adds it or has an _sbrk of its own.
set(RK_LIBC_SOURCES "")
foreach(file memory string heap process)
  list(APPEND RK_LIBC_SOURCES ${RK_ROOT}/devices/firmware/libc/${file}.c)
endforeach()
set(RK_LIBC_INCLUDES ${RK_ROOT}/devices/firmware/libc/include)
