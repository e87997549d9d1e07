# Writes OUTPUT, a C file with the SHA-256 over the SHA-256 of each file of SOURCES, in their order.
set(hashes "")
foreach(source ${SOURCES})
  file(SHA256 ${source} hash)
  string(APPEND hashes ${hash})
endforeach()
string(SHA256 hash "${hashes}")
file(WRITE ${OUTPUT} "extern const char rki_measuring_code[];\nconst char rki_measuring_code[] = \"${hash}\";\n")
