# Writes OUTPUT, a C source: the program's VERSION, and one SHA-256 over MODEL_SOURCES (in their order), the revision of the
# model. cmake -DOUTPUT=... -DVERSION=... "-DMODEL_SOURCES=a;b" -P embed.cmake
set(hashes "")
foreach(source ${MODEL_SOURCES})
  file(SHA256 ${source} hash)
  get_filename_component(name ${source} NAME)
  string(APPEND hashes "${hash} ${name}\n")
endforeach()
string(SHA256 revision "${hashes}")

file(WRITE ${OUTPUT} "#include \"engine/study/store.h\"\n#include \"engine/study/sweep.h\"\n
const char rk_store_generator[] = \"rekeylab ${VERSION}\";
const char rk_model_revision[] = \"${revision}\";\n")
