include(${CMAKE_CURRENT_LIST_DIR}/wolfcrypt.cmake)
