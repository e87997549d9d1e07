# The device's C library beside the host's, under other names, for test_libc.c. memory.c twice: as for a CPU that loads
# words from their boundaries only, where the sanitizer sees each one that is not, and as for one that loads them from
# anywhere.
function(libc_beside_the_host)
  set(libc ${CMAKE_SOURCE_DIR}/devices/firmware/libc)
  set(flags -isystem ${libc}/include -include ${CMAKE_CURRENT_SOURCE_DIR}/libc_names.h -I${CMAKE_SOURCE_DIR})
  add_library(devices_libc_aligned OBJECT ${libc}/memory.c ${libc}/string.c ${libc}/heap.c)
  target_compile_options(devices_libc_aligned PRIVATE ${flags} -fsanitize=alignment -fno-sanitize-recover=all)
  add_library(devices_libc_unaligned OBJECT ${libc}/memory.c)
  target_compile_options(devices_libc_unaligned PRIVATE ${flags} -D__ARM_FEATURE_UNALIGNED=1
                         "-DRK_LIBC_NAME(name)=rk_unaligned_##name")
  target_sources(devices_libc PRIVATE $<TARGET_OBJECTS:devices_libc_aligned> $<TARGET_OBJECTS:devices_libc_unaligned>)
  target_link_options(devices_libc PRIVATE -fsanitize=alignment)
endfunction()
