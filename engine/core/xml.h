/* engine/core/xml.h - words in XML and HTML */
#ifndef ENGINE_CORE_XML_H
#define ENGINE_CORE_XML_H

#include <stdio.h>

/* Writes text that stays itself, in an element or in a quoted attribute. */
void rk_xml_text(FILE *out, const char *text);

#endif
