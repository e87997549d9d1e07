# Writes OUTPUT, a C source: the text of SCHEMA. cmake -DOUTPUT=... -DSCHEMA=... -P embed.cmake
file(READ ${SCHEMA} schema)
string(REPLACE "\\" "\\\\" schema "${schema}")
string(REPLACE "\"" "\\\"" schema "${schema}")
string(REPLACE "\n" "\\n\"\n    \"" schema "${schema}")
file(WRITE ${OUTPUT} "#include \"engine/study/results/results.h\"\n
const char rk_results_schema[] =\n    \"${schema}\";\n")
