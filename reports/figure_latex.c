/* reports/figure_latex.c - gnuplot's LaTeX drawings, whose words LaTeX sets: made fit for any place and any word */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/report_internal.h"

/* One line. What follows \strut{} is a word of the figure, up to the braces that close its box, and its turn. */
static void put_line(FILE *out, const char *line, const char *folder)
{
    static const char strut[] = "\\strut{}", graphics[] = "\\includegraphics[";
    const char *end = strstr(line, "\\rotatebox") != NULL ? "}}}%\n" : "}}%\n";
    const char *word = strstr(line, strut);
    size_t length = strlen(line), tail = strlen(end);
    const char *name = strstr(line, graphics) != NULL ? strstr(line, folder) : NULL;
    if (word != NULL && length > tail && strcmp(line + length - tail, end) == 0) {
        char text[2048];
        word += strlen(strut);
        snprintf(text, sizeof text, "%.*s", (int)((size_t)(line + length - word) - tail), word);
        fwrite(line, 1, (size_t)(word - line), out);
        rki_style_latex.text(out, text);
        fputs(end, out);
    } else if (name != NULL) {
        fwrite(line, 1, (size_t)(name - line), out);
        fprintf(out, "figures/latex%s", name + strlen(folder));
    } else {
        fputs(line, out);
    }
}

enum rk_err rki_figure_latex(struct rki_report *report, const char *path)
{
    char folder[RKI_PATH_bytes], line[4096], *rest;
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    char *text = rki_report_read(report, path);
    if (text == NULL) {
        return RK_ERR_IO;
    }
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        free(text);
        return rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected a file that can be written", path, strerror(errno));
    }
    rest = text;
    for (char *at = strsep(&rest, "\n"); at != NULL; at = strsep(&rest, "\n")) {
        snprintf(line, sizeof line, "%s%s", at, rest != NULL ? "\n" : "");
        put_line(out, line, folder);
    }
    free(text);
    return fclose(out) == 0
               ? RK_OK
               : rk_fail(report->diag, RK_ERR_IO, "%s: %s, expected the drawing to be written", path, strerror(errno));
}
