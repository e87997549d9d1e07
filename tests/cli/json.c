/* Standard input must be one JSON document and nothing else. usage: cli_json array|object */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    json_error_t error;
    json_t *document = json_loadf(stdin, 0, &error);
    if (argc != 2 || document == NULL) {
        fprintf(stderr, "line %d: %s\n", error.line, document == NULL ? error.text : "usage: cli_json array|object");
        return 1;
    }
    int right = strcmp(argv[1], "array") == 0 ? json_is_array(document) : json_is_object(document);
    json_decref(document);
    return !right;
}
