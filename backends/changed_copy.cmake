# backends/changed_copy.cmake - a library's file with some lines changed, made in the build directory
#
# rk_changed_copy(<out-var> <source> COUNT <n> CHANGES <regex> <replacement> [<regex> <replacement>...])
#   Copies source into the build directory with the replacements applied and gives the copy's path. No line of a library
#   is kept in this tree; what changed is what the caller lists. Configuring stops unless exactly n replacements matched,
#   so that a new library version cannot slip through with fewer of them.
include_guard(GLOBAL)

function(rk_changed_copy out source)
  cmake_parse_arguments(ARG "" "COUNT" "CHANGES" ${ARGN})
  get_filename_component(name ${source} NAME)
  string(SHA256 place "${source}")
  string(SUBSTRING ${place} 0 12 place)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/changed/${place}/${name})

  # Brackets and semicolons have a meaning in CMake lists; file(STRINGS) would lose lines, so the text stays one string.
  file(READ ${source} text)
  set(found 0)
  list(LENGTH ARG_CHANGES length)
  math(EXPR last "${length} - 1")
  foreach(index RANGE 0 ${last} 2)
    math(EXPR next "${index} + 1")
    list(GET ARG_CHANGES ${index} pattern)
    list(GET ARG_CHANGES ${next} replacement)
    string(REGEX MATCHALL "${pattern}" matches "${text}")
    list(LENGTH matches count)
    math(EXPR found "${found} + ${count}")
    string(REGEX REPLACE "${pattern}" "${replacement}" text "${text}")
  endforeach()
  if(NOT found EQUAL ARG_COUNT)
    message(FATAL_ERROR "${source}: ${found} lines to change, expected ${ARG_COUNT}: this version is not known")
  endif()
  file(CONFIGURE OUTPUT ${copy} CONTENT "@text@" @ONLY)
  set(${out} ${copy} PARENT_SCOPE)
endfunction()
